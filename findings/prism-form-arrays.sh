#!/usr/bin/env bash
# Prism answers 415 to a bracketed list of objects in a form body.
#
# Version   @stoplight/prism-cli 5.16.0 (npm)
# Source    https://docs.stoplight.io/docs/prism
# Expected  A document that says style deepObject for line_items, as a big payment
#           provider's published one does, is served: line_items[0][price]=price_1 is the
#           only form that provider's own SDKs send.
# Happens   415 "Cannot deserialize JSON object array in form data request body. Make sure
#           the array is in JSON", also where the body keeps every rule of the schema.
# Met by    Whoever points such an SDK at Prism to create a payment link: no call with
#           line items gets through, whatever the body says.
# Way out   No option of "prism mock" (5.16) turns it off.
set -euo pipefail
dir=$(mktemp -d); server=; trap '[ -z "$server" ] || kill "$server"; rm -rf "$dir"' EXIT; cd "$dir"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund @stoplight/prism-cli@5.16.0
cat > links.yaml <<'YAML'
openapi: 3.0.3
info: {title: links, version: "1"}
paths:
  /v1/payment_links:
    post:
      requestBody:
        required: true
        content:
          application/x-www-form-urlencoded:
            encoding: {line_items: {style: deepObject, explode: true}}
            schema:
              type: object
              required: [line_items]
              properties:
                line_items:
                  type: array
                  items:
                    type: object
                    required: [price, quantity]
                    properties: {price: {type: string}, quantity: {type: integer}}
      responses:
        "200":
          description: made
          content: {application/json: {schema: {type: object}, example: {id: plink_1}}}
YAML
port=$(node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close() })')
node node_modules/@stoplight/prism-cli/dist/index.js mock -p "$port" links.yaml > prism.log 2>&1 & server=$!
for _ in $(seq 100); do grep -q 'listening on' prism.log && break; sleep 0.2; done
seen=$(curl -s -w '\n%{http_code}\n' "http://127.0.0.1:$port/v1/payment_links" -d 'line_items[0][price]=price_1' -d 'line_items[0][quantity]=1')
echo "$seen"
[ "${seen##*$'\n'}" = 415 ] && [[ $seen == *'Cannot deserialize JSON object array'* ]]
