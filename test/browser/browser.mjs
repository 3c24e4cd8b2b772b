// What tests in a browser share: a chromium, a window of one of four kinds, a
// check of what is shown, and pictures to look at.
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const pictures = process.env.POLYLINK_SCREENSHOTS;

// The kinds of windows.
export const windows = {
  'desktop-light': { viewport: { width: 1280, height: 900 }, colorScheme: 'light' },
  'desktop-dark': { viewport: { width: 1280, height: 900 }, colorScheme: 'dark' },
  'phone-light': { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true, colorScheme: 'light' },
  'phone-dark': { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true, colorScheme: 'dark' },
};

// launch starts the browser. Every other host is the stand-in at
// POLYLINK_ELSEWHERE, which speaks TLS: no test leaves this machine.
export async function launch() {
  const browser = await chromium.launch({
    executablePath: process.env.POLYLINK_CHROMIUM,
    args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu', `--host-resolver-rules=MAP * ${process.env.POLYLINK_ELSEWHERE},EXCLUDE 127.0.0.1`],
  });
  return {
    close: () => browser.close(),
    async window(kind, options = {}) {
      const context = await browser.newContext({ ...windows[kind], ignoreHTTPSErrors: true, ...options });
      context.setDefaultTimeout(60_000);
      const page = await context.newPage();
      page.faults = [];
      page.on('pageerror', (e) => page.faults.push(String(e)));
      page.on('console', (m) => { if (m.type() === 'error') page.faults.push(m.text()); });
      page.close = () => context.close();
      return page;
    },
  };
}

// look holds a page to what every page must be: nothing that axe objects to, as
// wide as its window, without a complaint in the console (of a refused style,
// say), and takes its picture. A glance is for pages that were looked at in
// another window: it asks for what colours and sizes can change.
export async function look(page, name, glance = false) {
  await page.evaluate(axe);
  const found = await page.evaluate((rules) => axe.run(document, { resultTypes: ['violations'], ...rules }),
    glance ? { runOnly: ['color-contrast', 'target-size'] } : {});
  for (const v of found.violations) {
    for (const node of v.nodes) throw new Error(`${name}: ${v.id}: ${v.help}: ${node.html}: ${node.failureSummary}`);
  }
  const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  if (over > 0) throw new Error(`${name}: it is ${over}px wider than its window`);
  const h1 = await page.locator('h1').count();
  if (h1 !== 1) throw new Error(`${name}: it has ${h1} h1`);
  if (page.faults.length) throw new Error(`${name}: ${page.faults.join('; ')}`);
  if (pictures && !glance) {
    mkdirSync(pictures, { recursive: true });
    await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true });
  }
}

// equal throws where two things differ.
export function equal(what, got, want) {
  if (JSON.stringify(got) !== JSON.stringify(want)) {
    throw new Error(`${what}: got ${JSON.stringify(got)}, want ${JSON.stringify(want)}`);
  }
}
