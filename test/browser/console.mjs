// A person looks at what polylink does, and makes it do more: on a desk and on
// a phone, by day and by night, by mouse and by keyboard, with a script and
// without one.
import { equal, launch, look, windows } from './browser.mjs';

const server = process.env.POLYLINK_URL;
const link = '550e8400-e29b-41d4-a716-446655440000';
const hostile = '"><script>document.title="taken"</script><img src=x onerror=alert(1)>';
const credentials = { 'X-Client-Key': 'your_client_key', 'X-Client-Secret': 'your_client_secret', 'Content-Type': 'application/json' };

// sends makes a request of a client, and returns the number it has in the journal.
async function sends(sandbox, method, path, body) {
  const answer = await fetch(`${server}/~${sandbox}/devdraft${path}`, { method, headers: credentials, body: body && JSON.stringify(body) });
  await answer.text();
  return answer.headers.get('X-Polylink-Request');
}

// control asks the control API.
async function control(sandbox, method, path, body) {
  const answer = await fetch(`${server}/~${sandbox}/__admin${path}`, { method, body: body && JSON.stringify(body) });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path}: ${text}`);
  return text && JSON.parse(text);
}

// fill makes a world in which there is something of everything.
async function fill(sandbox) {
  await control(sandbox, 'PUT', '/clock', { now: '2026-01-02T03:04:05Z', frozen: true });
  await control(sandbox, 'POST', '/webhooks', { dialect: 'devdraft', url: `${server}/nobody`, secret: 'secret' });
  const first = await sends(sandbox, 'PUT', `/api/v0/payment-links/${link}`, { title: hostile });
  await sends(sandbox, 'PUT', `/api/v0/payment-links/${link}`, { title: 7 });
  await control(sandbox, 'POST', '/events', { dialect: 'devdraft', event: 'payment_link.paid', id: link });
  await control(sandbox, 'POST', '/faults', { dialect: 'katu9', operation: 'link.create', status: 503 });
  await control(sandbox, 'POST', '/scenarios/outage-then-fine');
  return first;
}

// shows looks at the pages in one kind of window: at the first one in every
// kind, at those of one thing where it is widest and light, narrowest and dark.
async function shows(browser, kind) {
  const sandbox = `console-${kind}`;
  const n = await fill(sandbox);
  const page = await browser.window(kind);
  const details = { request: `/__console/requests/${n}`, refusal: `/__console/requests/${Number(n) + 1}`, link: `/__console/links/devdraft/${link}`, dialect: '/__console/dialects/stripe' };
  const every = kind === 'desktop-light' || kind === 'phone-dark';
  for (const [name, path] of Object.entries({ home: '/', ...(every && details) })) {
    await page.goto(`${server}/~${sandbox}${path}`);
    await look(page, `console-${name}-${kind}`);
    if (await page.title() === 'taken' || await page.locator('main script, main img').count()) throw new Error(`${name}: what a client said has become markup`);
  }
  await page.close();
}

// pressed moves to a button by keyboard and presses it.
async function pressed(page, form) {
  const button = page.locator(`[data-testid="${form}"] button`).first();
  await button.focus();
  await Promise.all([page.waitForEvent('framenavigated'), page.keyboard.press('Enter')]);
}

// acts does things with forms alone.
async function acts(browser, javaScriptEnabled) {
  const sandbox = `console-acts-${javaScriptEnabled}`;
  await fill(sandbox);
  const page = await browser.window('desktop-light', { javaScriptEnabled });
  await page.goto(`${server}/~${sandbox}/`);
  await page.keyboard.press('Tab');
  equal('what the first Tab reaches', await page.locator('a.skip').evaluate((e) => e === document.activeElement), true);

  await page.getByTestId('clock-advance').getByLabel('Advance by').fill('61m');
  await pressed(page, 'clock-advance');
  equal('the clock', await page.getByTestId('now').getAttribute('datetime'), '2026-01-02T04:05:05Z');
  equal('the note', (await page.getByTestId('note').textContent()).startsWith('It is 2026-01-02 04:05:05 UTC now'), true);
  await page.reload();
  equal('a note that was read', await page.getByTestId('note').count(), 0);

  await page.getByTestId('fault-create').getByLabel('Times').fill('many');
  await page.getByTestId('fault-create').getByLabel('Delay').fill('250ms');
  await pressed(page, 'fault-create');
  equal('what was wrong', (await page.getByTestId('problem').textContent()).includes('times must be a whole number'), true);
  equal('a form that was refused', await page.getByTestId('fault-create').getByLabel('Delay').inputValue(), '250ms');

  await page.goto(`${server}/~${sandbox}/__console/links/devdraft/${link}`);
  equal('the title', await page.locator('h1').textContent(), hostile);
  await pressed(page, 'link-expire');
  equal('the status', await page.getByTestId('status').textContent(), 'expired');
  const did = await page.locator('[data-testid="timeline"] li').evaluateAll((all) => all.map((li) => li.dataset.did));
  for (const one of ['created', 'changed', 'refused', 'told']) {
    if (!did.includes(one)) throw new Error(`the timeline has ${did}, and nothing that was ${one}`);
  }
  equal('the link elsewhere', (await control('default', 'GET', `/links/devdraft/${link}`)).status, 'active');
  await page.close();
}

// follows waits for requests to appear by themselves, and copies a line.
async function follows(browser) {
  const page = await browser.window('desktop-light', { permissions: ['clipboard-read', 'clipboard-write'] });
  await page.goto(`${server}/~console-live/`);
  await page.getByTestId('live').getByText('Live').waitFor();
  const n = await sends('console-live', 'PUT', `/api/v0/payment-links/${link}`, { title: hostile });
  await page.locator(`#rows tr[data-n="${n}"]`).waitFor();
  await look(page, 'console-live');
  await page.locator(`#rows tr[data-n="${n}"] a`).click();
  await page.getByRole('button', { name: /^Copy curl/ }).click();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  if (!copied.startsWith('curl -X PUT') || copied.includes('your_client_secret')) throw new Error(`what was copied is ${copied}`);
  equal('the cause', (await page.getByTestId('cause').textContent()).startsWith('ok, as mappings/devdraft.yaml:'), true);
  await page.close();
}

const browser = await launch();
try {
  for (const kind of Object.keys(windows)) {
    await shows(browser, kind);
    console.log(`ok shows ${kind}`);
  }
  for (const script of [true, false]) {
    await acts(browser, script);
    console.log(`ok acts ${script ? 'with' : 'without'} a script`);
  }
  await follows(browser);
  console.log('ok follows');
} finally {
  await browser.close();
}
