#!/usr/bin/env bash
# svix 2 verifies a webhook and returns nothing, where svix 1 returned the event.
#
# Version   svix 2.5.0 beside svix 1.99.1 and standardwebhooks 1.1.1 (npm)
# Source    https://docs.svix.com/receiving/verifying-payloads/how
# Expected  const event = webhook.verify(body, headers) goes on giving the parsed event, as
#           svix 1 does and as standardwebhooks does, on which svix 2 is built.
# Happens   The signature is checked and the result is undefined. In JavaScript nothing
#           says so until a member of the event is read.
# Met by    Whoever updates the package in a receiver of Standard Webhooks.
# Way out   JSON.parse the body after verify, or use standardwebhooks.
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT; cd "$dir"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund standardwebhooks@1.1.1 svix1@npm:svix@1.99.1 svix2@npm:svix@2.5.0
cat > run.mjs <<'JS'
import * as standard from 'standardwebhooks';
import * as svix1 from 'svix1';
import * as svix2 from 'svix2';
const secret = 'whsec_' + Buffer.alloc(24, 7).toString('base64');
const body = '{"type":"link.paid"}';
const now = new Date();
const headers = {
  'webhook-id': 'msg_1',
  'webhook-timestamp': String(Math.floor(now / 1000)),
  'webhook-signature': new standard.Webhook(secret).sign('msg_1', now, body),
};
for (const [name, library] of Object.entries({ standard, svix1, svix2 })) {
  console.log(name, JSON.stringify(new library.Webhook(secret).verify(body, headers)));
}
JS
seen=$(node run.mjs)
echo "$seen"
[ "$seen" = 'standard {"type":"link.paid"}
svix1 {"type":"link.paid"}
svix2 undefined' ]
