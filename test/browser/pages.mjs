// A person opens the page of every dialect's link, fails, turns away and pays:
// on a desk and on a phone, by day and by night.
import { equal, launch, look, windows } from './browser.mjs';

const server = process.env.POLYLINK_URL;
const only = process.argv.slice(2);

// What is to be seen of each dialect: a link of the first records, what is sent
// for another one that asks for all it can, and where a person ends.
const plans = {
  stripe: {
    link: 'plink_0PolylinkTShirt000000000', total: '$20.00 USD',
    key: 'Bearer sk_test_main', make: '/v1/payment_links', form: {
      'line_items[0][price]': 'price_0PolylinkShirtOneTime00', 'line_items[0][quantity]': '2',
      'line_items[0][adjustable_quantity][enabled]': 'true', 'phone_number_collection[enabled]': 'true',
      'tax_id_collection[enabled]': 'true', billing_address_collection: 'required',
      'shipping_address_collection[allowed_countries][0]': 'DE', 'shipping_address_collection[allowed_countries][1]': 'AT',
      'custom_fields[0][key]': 'engraving', 'custom_fields[0][label][type]': 'custom', 'custom_fields[0][label][custom]': 'Engraving', 'custom_fields[0][type]': 'text',
      'custom_fields[1][key]': 'size', 'custom_fields[1][label][type]': 'custom', 'custom_fields[1][label][custom]': 'Size', 'custom_fields[1][type]': 'dropdown',
      'custom_fields[1][dropdown][options][0][label]': 'Small', 'custom_fields[1][dropdown][options][0][value]': 's',
      'custom_fields[1][dropdown][options][1][label]': 'Large', 'custom_fields[1][dropdown][options][1][value]': 'l',
      'after_completion[type]': 'redirect', 'after_completion[redirect][url]': 'https://shop.example/thanks?session={CHECKOUT_SESSION_ID}',
    },
    paid: /^https:\/\/shop\.example\/thanks\?session=cs_/,
  },
  leanrails: {
    link: 'cl_4de6fg8hi0jk', total: '$199.00 USD',
    key: `Basic ${btoa('sk_test_main:')}`, make: '/v1/checkout_links', body: {
      title: 'Evening class', line_items: [{ price: 'price_3fg6hj9km1np', quantity: 1 }], phone_number_collection: { enabled: true }, billing_address_collection: 'required',
      after_completion: { type: 'redirect', redirect: { url: 'https://shop.example/thanks?ref=1' } },
    },
    paid: /^https:\/\/shop\.example\/thanks\?ref=1$/,
  },
  priceblocs: {
    link: '00000000-0000-0000-0000-000000000000', total: '$9.00 USD',
    key: 'Bearer PB_sk_test_main', make: '/v1/payment-links', body: {
      title: 'A long title that a phone has to break somewhere, becauseithasaverylongwordinittoo', line_items: [{ price: 'p_B_1', quantity: 2 }],
      success_url: 'https://shop.example/thanks?ref=1', cancel_url: 'https://shop.example/cart',
    },
    paid: /^https:\/\/shop\.example\/thanks\?ref=1&session_id=/, cancelled: /^https:\/\/shop\.example\/cart$/,
    first: { paid: /\/priceblocs\/checkout\/success\?session_id=/, cancelled: /\/priceblocs\/checkout\/error$/ },
  },
  devdraft: { link: '550e8400-e29b-41d4-a716-446655440000', total: '29.99 USDC' },
  kirimdev: {
    link: 'csl_01HXYZABCDEFGHJKMNPQRSTVWX',
    first: {
      paid: /^https:\/\/example\.com\/whatsapp\/connected\?customer_id=cus_01HXYZABCDEFGHJKMNPQRSTVWX&account_id=[^&]+&status=success$/,
      failed: /^https:\/\/example\.com\/whatsapp\/failed\?customer_id=cus_01HXYZABCDEFGHJKMNPQRSTVWX&status=failed&reason=token_exchange_failed$/,
      cancelled: /^https:\/\/example\.com\/whatsapp\/failed\?customer_id=cus_01HXYZABCDEFGHJKMNPQRSTVWX&status=failed&reason=signup_cancelled$/,
    },
    choose: 'token_exchange_failed', after: 'completed',
  },
  katu9: { link: '497f6eca-6276-4993-bfeb-53cbbbba6f08', total: '₹500.00 INR', after: 'completed' },
};

// typed is what a person types into a field, by the end of its name.
const typed = { email: 'ada@example.com', name: 'Ada Lovelace', phone: '+49 30 1234567', line1: 'Elm Street 1', city: 'Berlin', postal_code: '10115', country: 'DE', tax_id: 'DE123456789', card: '' };

const at = (page, id) => page.getByTestId(id);

// fill fills in what is asked for, all of it.
async function fill(page) {
  for (const field of await page.locator('[data-testid^="field-"]').all()) {
    const name = await field.getAttribute('name');
    if (await field.evaluate((e) => e.tagName) === 'SELECT') {
      await field.selectOption({ index: 1 });
    } else if (name !== 'quantity') {
      const text = typed[name.replace(/.*\./, '')];
      await field.fill(text === undefined ? 'Sales' : text);
    }
  }
}

// press presses a button, and waits for where it leads. By keyboard it is
// reached as somebody reaches it who has no mouse.
async function press(page, id, keyboard) {
  const done = page.waitForEvent('framenavigated');
  if (keyboard) {
    for (let n = 0; n < 60 && await page.evaluate(() => document.activeElement.dataset.testid) !== id; n++) await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
  } else {
    await at(page, id).click();
  }
  await done;
  await page.waitForLoadState('load');
}

// ended checks where a person has ended: at an address, or on a page that says
// what has happened.
async function ended(page, what, address, text) {
  if (address) {
    if (!address.test(page.url())) throw new Error(`${what}: it leads to ${page.url()}`);
    return;
  }
  const said = await at(page, 'message').innerText();
  if (!text.test(said)) throw new Error(`${what}: the page says ${said}`);
}

// person fails, turns away and pays on the page of one link. The pages on the
// way are looked at where looks says so.
async function person(page, name, url, { ends, total, choose, keyboard, looks }) {
  const open = async () => { page.faults.length = 0; await page.goto(url); };
  await open();
  for (const id of ['mock-notice', 'link-title', 'mode', 'dialect', 'status', 'outcome', 'pay', 'cancel']) {
    if (!await at(page, id).isVisible()) throw new Error(`${name}: there is no ${id}`);
  }
  equal(`${name}: status`, await at(page, 'status').innerText(), 'Active');
  if (total) equal(`${name}: total`, await at(page, 'total').innerText(), total);
  await look(page, `${name}-1-open`, !looks);
  if (looks && await page.locator('[required]').count()) {
    await page.locator('form').evaluate((f) => { f.noValidate = true; });
    await page.locator('[data-testid^="field-"][required]').first().fill('');
    await press(page, 'pay', keyboard);
    await at(page, 'wrong').waitFor();
    page.faults = page.faults.filter((f) => !f.includes('422')); // which the browser tells of
    await look(page, `${name}-2-wrong`);
    await open();
  }
  await fill(page);
  await at(page, 'outcome').selectOption(choose ?? { index: 1 });
  await press(page, 'pay', keyboard);
  await ended(page, `${name}: failed`, ends.failed, /did not work/);
  if (looks && !ends.failed) await look(page, `${name}-3-failed`);
  await open();
  await press(page, 'cancel', keyboard);
  await ended(page, `${name}: cancelled`, ends.cancelled, /Cancelled/);
  if (looks && !ends.cancelled) await look(page, `${name}-4-cancelled`);
  await open();
  await fill(page);
  await press(page, 'pay', keyboard);
  await ended(page, `${name}: paid`, ends.paid, /Payment received|Set up/);
  if (looks && page.url().startsWith(server)) await look(page, `${name}-5-paid`);
}

// control asks the control API of a sandbox.
async function control(base, path, init) {
  const res = await fetch(`${base}/__admin/${path}`, init);
  if (!res.ok) throw new Error(`${path}: ${res.status} ${await res.text()}`);
  return res.json();
}

// demanding makes a link that asks for all it can, and returns its id.
async function demanding(base, dialect, plan) {
  const body = plan.form ? new URLSearchParams(plan.form) : JSON.stringify(plan.body);
  const headers = { Authorization: plan.key, ...(plan.form ? {} : { 'Content-Type': 'application/json' }), 'Idempotency-Key': crypto.randomUUID() };
  const res = await fetch(`${base}/${dialect}${plan.make}`, { method: 'POST', headers, body });
  const made = await res.json();
  if (!res.ok) throw new Error(`${dialect}: ${res.status} ${JSON.stringify(made)}`);
  return made.id ?? made.data.id;
}

// dialect goes through what there is to see of one dialect: a plain link on a
// desk, a demanding one on a phone. Half of the windows look at every page.
async function dialect(page, kind, base, name, plan) {
  const phone = kind.startsWith('phone');
  const looks = kind === 'desktop-light' || kind === 'phone-dark';
  const full = phone && plan.make;
  const id = full ? await demanding(base, name, plan) : plan.link;
  const { url } = await control(base, `links/${name}/${id}`);
  await person(page, `${name}-${kind}`, url, {
    ends: full ? plan : plan.first ?? {}, total: full ? '' : plan.total, choose: plan.choose, keyboard: kind === 'desktop-dark', looks,
  });
  const { status } = await control(base, `links/${name}/${id}`);
  equal(`${name}, ${kind}: the link afterwards`, status, plan.after ?? 'active');
  if (kind === 'phone-light') {
    const { links } = await control(base, `links?dialect=${name}`);
    for (const link of links.filter((l) => l.status !== 'active')) {
      page.faults.length = 0;
      await page.goto(link.url);
      if (await at(page, 'pay').count()) throw new Error(`${link.url}: it can be paid`);
      await look(page, `${name}-${kind}-${link.status}`);
    }
  }
  console.log(`ok ${name} ${kind}`);
}

const browser = await launch();
try {
  await Promise.all(Object.keys(windows).map(async (kind) => {
    const base = `${server}/~${kind}`;
    const page = await browser.window(kind);
    for (const [name, plan] of Object.entries(plans)) {
      if (only.length === 0 || only.includes(name)) await dialect(page, kind, base, name, plan);
    }
    await page.close();
  }));
} finally {
  await browser.close();
}
