const { start, PolylinkError } = require('@polylink-dev/polylink');

// jest runs CommonJS; the suite is a module, and jest cannot import one without
// a flag of node, so the journey is told again in short.
let polylink;
beforeAll(async () => { polylink = await start(); }, 60000);
afterAll(() => polylink.stop());

test.each([1, 2, 3])('journey %i', async () => {
  const Stripe = require('stripe');
  const sandbox = await polylink.sandbox();
  const stripe = new Stripe(sandbox.key('sk_test_1'), { ...polylink.address('stripe'), telemetry: false });
  await sandbox.faults.add({ operation: 'product.create', status: 503 });
  const made = await stripe.products.create({ name: 'Mug' });
  expect(made.name).toBe('Mug');
  await sandbox.requests.verify(2, { operation: 'product.create' });
  await expect(sandbox.faults.add({})).rejects.toBeInstanceOf(PolylinkError);
  await sandbox.reset();
  await expect(stripe.products.retrieve(made.id)).rejects.toMatchObject({ statusCode: 404 });
  await sandbox.remove();
}, 60000);
