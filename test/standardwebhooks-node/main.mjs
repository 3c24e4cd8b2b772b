// Verifies a delivery with the npm package that Standard Webhooks publishes. The
// input is {secret, headers, body} as JSON; a verdict of its own is printed.
import { readFileSync } from 'node:fs';
import { Webhook } from 'standardwebhooks';

const { secret, headers, body } = JSON.parse(readFileSync(0, 'utf8'));
const verifier = new Webhook(secret);
verifier.verify(body, headers);
try {
  verifier.verify(body + ' ', headers);
} catch {
  console.log('ok verified, and refused when altered');
}
