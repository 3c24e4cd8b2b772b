import { test, expect } from '@playwright/test';
import { connect, PolylinkError } from '@polylink-dev/polylink';
import { journey } from '../suite.mjs';

const ports = JSON.parse(process.env.POLYLINK_PORTS ?? '{}');

test('journey', async () => {
  const polylink = await connect(undefined, { ports });
  expect(await journey({ polylink, PolylinkError })).toMatch(/^node-/);
});

test('a person pays', async ({ page }) => {
  const polylink = await connect(undefined, { ports });
  const sandbox = await polylink.sandbox();
  const [link] = await sandbox.links.list({ dialect: 'devdraft', status: 'active' });
  await page.goto(link.url);
  await expect(page.getByTestId('mock-notice')).toBeVisible();
  await page.getByTestId('cancel').click();
  await sandbox.remove();
});
