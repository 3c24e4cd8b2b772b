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
  const link = await sandbox.links.get('devdraft', '550e8400-e29b-41d4-a716-446655440001');
  await page.goto(link.url);
  await expect(page.getByTestId('mock-notice')).toBeVisible();
  await page.getByTestId('pay').click();
  await expect.poll(async () => (await sandbox.links.get('devdraft', link.id)).completion.count ?? 0).toBe((link.completion.count ?? 0) + 1);
  await sandbox.remove();
});
