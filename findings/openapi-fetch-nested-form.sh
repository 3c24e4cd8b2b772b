#!/usr/bin/env bash
# openapi-fetch sends "[object Object]" for what is nested in a form body.
#
# Version   openapi-fetch 0.17.0 (npm)
# Source    https://openapi-ts.dev/openapi-fetch/api#bodyserializer
# Expected  A body of the content type application/x-www-form-urlencoded is a case the
#           library serialises by itself. One would expect line_items[0][price]=price_1,
#           or an error, as its query serialiser gives one for the same value.
# Happens   The body is handed to URLSearchParams as it is, so each list of objects and
#           each object becomes the text [object Object]. Nothing throws, and the types
#           generated from the document accept the call.
# Met by    Whoever generates a TypeScript client for an API with bracketed form bodies,
#           such as that of payment links with line items or metadata.
# Way out   Give such calls a bodySerializer of one's own.
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT; cd "$dir"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund openapi-fetch@0.17.0
cat > run.mjs <<'JS'
import createClient from 'openapi-fetch';
let sent = '';
const client = createClient({
  baseUrl: 'http://links.test',
  fetch: async (request) => { sent = await request.text(); return Response.json({}); },
});
await client.POST('/v1/payment_links', {
  headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
  body: { line_items: [{ price: 'price_1', quantity: 1 }], metadata: { order: '7' } },
});
console.log(decodeURIComponent(sent.replaceAll('+', ' ')));
JS
seen=$(node run.mjs)
echo "$seen"
[ "$seen" = 'line_items=[object Object]&metadata=[object Object]' ]
