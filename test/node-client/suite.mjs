// What every runner is to get through with stripe-node, in a sandbox of its own.
// The runners hand in the package, as import or require gave it.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';

const Stripe = createRequire(import.meta.url)('stripe');
const shirt = 'price_0PolylinkShirtOneTime00';

export async function journey({ polylink, PolylinkError }) {
  const sandbox = await polylink.sandbox();
  const stripe = new Stripe(sandbox.key('sk_test_1'), { ...polylink.address('stripe'), telemetry: false });

  // A call that fails once is repeated by the SDK, with its key.
  await sandbox.faults.add({ operation: 'link.create', status: 503, body: { 'line_items.0.quantity': 2 } });
  const link = await stripe.paymentLinks.create({ line_items: [{ price: shirt, quantity: 2 }], metadata: { order: '17' } });
  await sandbox.requests.verify(1, { operation: 'link.create', status: 503 });
  await sandbox.requests.verify(1, { operation: 'link.create', status: 200 });
  await assert.rejects(sandbox.requests.verify(5, { operation: 'link.create' }), (err) => err instanceof PolylinkError && err.status === 422);

  // It is paid, and that is heard of.
  const receiver = await sandbox.webhooks.receive('stripe', 'checkout.session.completed');
  const paid = await sandbox.links.complete('stripe', link.id);
  assert.equal(paid.completion.count, 1);
  const [told] = await receiver.wait(1);
  const event = stripe.webhooks.constructEvent(told.text, told.headers['stripe-signature'], receiver.secret);
  assert.equal(event.data.object.payment_link, link.id);

  // Its page is at the address that the SDK was told.
  assert.ok(link.url.includes(sandbox.name), link.url);

  // A fork has it, a reset has not; time is the sandbox's own.
  const fork = await sandbox.fork();
  await sandbox.reset();
  await assert.rejects(stripe.paymentLinks.retrieve(link.id), { statusCode: 404 });
  assert.equal((await fork.links.get('stripe', link.id)).metadata.order, '17');
  await sandbox.clock.freeze('2030-01-01T00:00:00Z');
  const effects = await sandbox.clock.advance('7d');
  assert.ok(Array.isArray(effects));
  assert.equal((await sandbox.clock.get()).now.slice(0, 10), '2030-01-08');
  const made = await stripe.products.create({ name: 'Mug' });
  assert.equal(new Date(made.created * 1000).getUTCFullYear(), 2030);

  await fork.remove();
  await sandbox.remove();
  return sandbox.name;
}
