#!/usr/bin/env bash
# stripe-node takes an answer with status 503 for a success.
#
# Version   stripe 23.1.0 (npm)
# Source    https://github.com/stripe/stripe-node
# Expected  A status of 4xx or 5xx rejects the promise, whatever the body is.
# Happens   Success and failure are told apart by a member "error" in the JSON body alone.
#           A gateway's 503 {"message": ...} resolves as a payment link without an id.
# Met by    Whoever has a gateway, proxy or mock between the SDK and the API that answers
#           errors in JSON of its own: an update that never happened looks done.
# Way out   Look at lastResponse.statusCode, or put a member "error" into such answers.
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT; cd "$dir"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund stripe@23.1.0
cat > run.mjs <<'JS'
import http from 'node:http';
import Stripe from 'stripe';
const answer = async (body) => {
  const server = http.createServer((_, response) => {
    response.writeHead(503, { 'Content-Type': 'application/json' });
    response.end(JSON.stringify(body));
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const stripe = new Stripe('sk_test_1', { host: '127.0.0.1', port: server.address().port, protocol: 'http', maxNetworkRetries: 0 });
  try {
    const link = await stripe.paymentLinks.update('plink_1', { active: false });
    console.log('resolved', link.lastResponse.statusCode, link.id);
  } catch (error) {
    console.log('rejected', error.statusCode, error.type);
  }
  server.close();
};
await answer({ message: 'the upstream is down' });
await answer({ error: { message: 'the upstream is down' } });
JS
seen=$(node run.mjs)
echo "$seen"
[ "$seen" = 'resolved 503 undefined
rejected 503 StripeAPIError' ]
