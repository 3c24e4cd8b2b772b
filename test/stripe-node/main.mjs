// What a user of stripe-node does with payment links, against polylink. The
// address comes in POLYLINK_ADDR (host:port), and without it the SDK calls its own
// host, so that only the environment can lead it here; each step prints one line, and
// the first thing that is not as with Stripe ends the program.
import assert from 'node:assert/strict';
import http from 'node:http';
import Stripe from 'stripe';

const [host, port] = (process.env.POLYLINK_ADDR ?? '').split(':');
const where = host ? { host, port, protocol: 'http' } : {};
const client = (key, more = {}) => new Stripe(key, { ...where, maxNetworkRetries: 0, telemetry: false, ...more });
const stripe = client('sk_test_polylink_main');
const ok = (step, note = '') => console.log(`ok ${step}${note && ': ' + note}`);

async function fails(type, status, code, param, call) {
  try {
    await call();
  } catch (err) {
    assert.ok(err instanceof type, `${err.constructor.name}: ${err.message}`);
    assert.equal(err.statusCode, status);
    assert.equal(err.code, code);
    assert.equal(err.param, param);
    assert.match(err.requestId, /^req_/);
    return err;
  }
  assert.fail('it did not fail');
}

const { errors } = Stripe;
const shirt = 'price_0PolylinkShirtOneTime00';

// create
const product = await stripe.products.create({ name: 'Mug', metadata: { shelf: '4' } });
const price = await stripe.prices.create({ product: product.id, currency: 'eur', unit_amount: 1250 });
const link = await stripe.paymentLinks.create({
  line_items: [{ price: price.id, quantity: 2, adjustable_quantity: { enabled: true, minimum: 1, maximum: 5 } }],
  after_completion: { type: 'redirect', redirect: { url: 'https://example.com/thanks' } },
  metadata: { order: '17', gone: 'soon' },
  phone_number_collection: { enabled: true },
  custom_fields: [{ key: 'size', label: { type: 'custom', custom: 'Size' }, type: 'numeric', numeric: { maximum_length: 3 }, optional: true }],
  restrictions: { completed_sessions: { limit: 7 } },
  expand: ['line_items.data.price.product'],
});
assert.match(link.id, /^plink_/);
assert.equal(link.object, 'payment_link');
assert.equal(link.active, true);
assert.equal(link.currency, 'eur');
assert.equal(link.after_completion.redirect.url, 'https://example.com/thanks');
assert.equal(link.line_items.data[0].price.product.name, 'Mug');
assert.equal(link.line_items.data[0].amount_total, 2500);
assert.equal(link.custom_fields[0].optional, true);
assert.equal(link.custom_fields[0].numeric.maximum_length, 3);
assert.deepEqual(link.restrictions, { completed_sessions: { count: 0, limit: 7 } });
assert.match(link.lastResponse.requestId, /^req_/);
assert.equal(link.lastResponse.statusCode, 200);
assert.equal(link.lastResponse.apiVersion, stripe.getApiField('version'));
ok('create', 'a product, a price and a link of them');

const inline = await stripe.paymentLinks.create({
  line_items: [{ price_data: { currency: 'usd', unit_amount: 900, recurring: { interval: 'month' }, product_data: { name: 'Club' } }, quantity: 1 }],
  expand: ['line_items'],
});
const made = await stripe.prices.retrieve(inline.line_items.data[0].price.id, { expand: ['product'] });
assert.equal(made.active, false);
assert.equal(made.recurring.interval, 'month');
assert.equal(made.product.name, 'Club');
ok('create', 'a link with an inline price');

// get
const got = await stripe.paymentLinks.retrieve(link.id);
assert.equal(got.line_items, undefined);
assert.deepEqual(got.metadata, { order: '17', gone: 'soon' });
ok('get');

// update
const item = link.line_items.data[0];
const changed = await stripe.paymentLinks.update(link.id, {
  metadata: { gone: '', added: 'yes' },
  line_items: [{ id: item.id, quantity: 3 }],
  restrictions: '',
  after_completion: { type: 'hosted_confirmation', hosted_confirmation: { custom_message: 'Thanks!' } },
  expand: ['line_items'],
});
assert.deepEqual(changed.metadata, { order: '17', added: 'yes' });
assert.equal(changed.restrictions, null);
assert.equal(changed.after_completion.type, 'hosted_confirmation');
assert.equal(changed.after_completion.redirect, undefined);
assert.equal(changed.line_items.data[0].quantity, 3);
assert.equal(changed.line_items.data[0].price.id, price.id);
assert.deepEqual((await stripe.paymentLinks.update(link.id, { metadata: '' })).metadata, {});
ok('update');

// list with auto-paging
const ids = [];
for (let i = 0; i < 5; i++) ids.unshift((await stripe.paymentLinks.create({ line_items: [{ price: shirt, quantity: 1 }] })).id);
const seen = [];
for await (const one of stripe.paymentLinks.list({ limit: 2 })) seen.push(one.id);
assert.deepEqual(seen.slice(0, 5), ids);
assert.equal(new Set(seen).size, seen.length);
assert.ok(seen.includes(link.id) && seen.length >= 9);
const back = [];
for await (const one of stripe.paymentLinks.list({ limit: 2, ending_before: seen.at(-1) })) back.push(one.id);
assert.deepEqual(back.reverse(), seen.slice(0, -1));
assert.equal((await stripe.paymentLinks.list({ limit: 3, expand: ['data.line_items'] })).data[0].line_items.object, 'list');
ok('list with auto-paging', `${seen.length} links, both ways`);

// line items
const items = await stripe.paymentLinks.listLineItems(link.id, { limit: 100 }).autoPagingToArray({ limit: 100 });
assert.equal(items.length, 1);
assert.equal(items[0].object, 'item');
assert.equal(items[0].description, 'Mug');
ok('line items');

// deactivate
const off = await stripe.paymentLinks.update(link.id, { active: false, inactive_message: 'Sold out' });
assert.equal(off.active, false);
assert.equal(off.inactive_message, 'Sold out');
const inactive = await stripe.paymentLinks.list({ active: false, limit: 100 });
assert.ok(inactive.data.every((l) => !l.active) && inactive.data.some((l) => l.id === link.id));
ok('deactivate');

// customers
const jen = await stripe.customers.create({ email: 'jen@example.com', name: 'Jen', address: { city: 'Porto' } });
assert.equal((await stripe.customers.list({ email: 'jen@example.com' })).data[0].id, jen.id);
assert.equal((await stripe.customers.update(jen.id, { name: 'Jenny' })).address.city, 'Porto');
assert.equal((await stripe.customers.del(jen.id)).deleted, true);
ok('customers');

// errors
const Invalid = errors.StripeInvalidRequestError;
await fails(Invalid, 404, 'resource_missing', 'payment_link', () => stripe.paymentLinks.retrieve('plink_nope'));
ok('missing', 'StripeInvalidRequestError 404');
await fails(errors.StripeAuthenticationError, 401, undefined, undefined, () => client('nonsense').paymentLinks.list());
await fails(errors.StripeAuthenticationError, 401, 'secret_key_required', undefined, () => client('pk_test_x').paymentLinks.list());
await fails(errors.StripeAuthenticationError, 401, undefined, undefined, () => client('sk_live_51real').paymentLinks.list());
await fails(errors.StripePermissionError, 403, undefined, undefined, () => client('rk_test_polylink_read').paymentLinks.create({ line_items: [{ price: shirt, quantity: 1 }] }));
ok('bad key', 'StripeAuthenticationError 401, StripePermissionError 403');
await fails(Invalid, 400, 'resource_missing', 'line_items[0][price]', () => stripe.paymentLinks.create({ line_items: [{ price: 'price_nope', quantity: 1 }] }));
await fails(Invalid, 400, 'parameter_missing', 'line_items', () => stripe.paymentLinks.create({}));
await fails(Invalid, 400, 'parameter_invalid_integer', 'line_items[0][quantity]', () => stripe.paymentLinks.create({ line_items: [{ price: shirt, quantity: 0 }] }));
await fails(Invalid, 400, 'parameter_invalid_integer', 'limit', () => stripe.paymentLinks.list({ limit: 1000 }));
await fails(Invalid, 400, 'url_invalid', 'after_completion[redirect][url]', () => stripe.paymentLinks.update(link.id, { after_completion: { type: 'redirect', redirect: { url: 'nowhere' } } }));
ok('bad parameter', 'StripeInvalidRequestError 400');
const unknown = await fails(Invalid, 400, 'parameter_unknown', 'colour', () => stripe.paymentLinks.update(link.id, { colour: 'red' }));
assert.equal(unknown.message, 'Received unknown parameter: colour');
assert.equal(unknown.doc_url, 'https://stripe.com/docs/error-codes/parameter-unknown');
ok('unknown parameter', 'StripeInvalidRequestError 400');

// idempotency
const idempotencyKey = 'order-17';
const first = await stripe.paymentLinks.create({ line_items: [{ price: shirt, quantity: 4 }] }, { idempotencyKey });
const again = await stripe.paymentLinks.create({ line_items: [{ price: shirt, quantity: 4 }] }, { idempotencyKey });
assert.equal(again.id, first.id);
assert.equal(first.lastResponse.headers['idempotent-replayed'], undefined);
assert.equal(again.lastResponse.headers['idempotent-replayed'], 'true');
assert.equal(again.lastResponse.idempotencyKey, idempotencyKey);
ok('idempotent replay');
await fails(errors.StripeIdempotencyError, 400, undefined, undefined, () => stripe.paymentLinks.create({ line_items: [{ price: shirt, quantity: 5 }] }, { idempotencyKey }));
ok('idempotent mismatch', 'StripeIdempotencyError 400');

// the SDK's own retry sends its own key again: the first connection is reset
if (process.env.POLYLINK_FAULT) {
  await fetch(process.env.POLYLINK_FAULT + '/reset', { method: 'POST' });
  const before = (await stripe.paymentLinks.list({ limit: 100 })).data.length;
  const retried = await client('sk_test_polylink_main', { maxNetworkRetries: 2 }).paymentLinks.create({ line_items: [{ price: shirt, quantity: 6 }] });
  assert.match(retried.lastResponse.idempotencyKey, /^stripe-node-retry-/);
  assert.equal((await stripe.paymentLinks.list({ limit: 100 })).data.length, before + 1);
  ok('idempotent retry', 'one link of two requests');

  // an outage: two answers of 503, then a reset
  for (const path of ['/outage', '/reset']) await fetch(process.env.POLYLINK_FAULT + path, { method: 'POST' });
  const served = await client('sk_test_polylink_main', { maxNetworkRetries: 3 }).paymentLinks.create({ line_items: [{ price: shirt, quantity: 7 }] });
  assert.equal(served.lastResponse.headers['idempotent-replayed'], undefined);
  assert.equal((await stripe.paymentLinks.list({ limit: 100 })).data.length, before + 2);
  ok('outage', 'one link after two answers of 503 and a reset');

  // a lock timeout is a 429, and an error of its own for the SDK
  await fetch(process.env.POLYLINK_FAULT + '/lock', { method: 'POST' });
  await fails(errors.StripeRateLimitError, 429, 'lock_timeout', undefined, () => stripe.paymentLinks.create({ line_items: [{ price: shirt, quantity: 8 }] }));
  ok('lock', 'StripeRateLimitError 429');

  // scenarios: whatever goes wrong, the SDK gets through, and each call makes one link
  const patient = client('sk_test_polylink_main', { maxNetworkRetries: 3, timeout: 4000 });
  for (const scenario of (process.env.POLYLINK_SCENARIOS ?? '').split(',').filter(Boolean)) {
    const [name, calls] = scenario.split(' ');
    await fetch(`${process.env.POLYLINK_FAULT}/scenario/${name}`, { method: 'POST' });
    const had = (await stripe.paymentLinks.list({ limit: 100 })).data.length;
    for (let i = 0; i < Number(calls); i++) await patient.paymentLinks.create({ line_items: [{ price: shirt, quantity: 9 }] });
    assert.equal((await stripe.paymentLinks.list({ limit: 100 })).data.length, had + Number(calls), name);
    ok(`scenario ${name}`);
  }
}

// webhooks: what arrives is accepted by the SDK's own verifier, as it stands
let arrive;
const arrived = new Promise((done) => { arrive = done; });
const receiver = http.createServer((q, r) => {
  const parts = [];
  q.on('data', (d) => parts.push(d)).on('end', () => { r.end(); arrive([Buffer.concat(parts), q.headers['stripe-signature']]); });
});
await new Promise((done) => receiver.listen(0, '127.0.0.1', done));
const endpoint = await stripe.webhookEndpoints.create({ url: `http://127.0.0.1:${receiver.address().port}/hook`, enabled_events: ['payment_link.updated'] });
await stripe.paymentLinks.update(link.id, { metadata: { told: 'yes' } });
const [raw, signature] = await arrived;
const event = stripe.webhooks.constructEvent(raw, signature, endpoint.secret);
assert.equal(event.type, 'payment_link.updated');
assert.equal(event.data.object.id, link.id);
assert.equal(event.data.object.metadata.told, 'yes');
assert.equal(event.data.previous_attributes.metadata.told, undefined);
assert.throws(() => stripe.webhooks.constructEvent(raw.toString().replace('yes', 'no'), signature, endpoint.secret), errors.StripeSignatureVerificationError);
assert.equal((await stripe.webhookEndpoints.retrieve(endpoint.id)).secret, undefined);
assert.equal((await stripe.webhookEndpoints.del(endpoint.id)).deleted, true);
receiver.close();
receiver.closeAllConnections();
ok('webhook', 'constructEvent accepts it');
