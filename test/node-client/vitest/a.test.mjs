import { afterAll, beforeAll, expect, test } from 'vitest';
import { start, PolylinkError } from '@polylink-dev/polylink';
import { journey } from '../suite.mjs';

let polylink;
beforeAll(async () => { polylink = await start(); });
afterAll(() => polylink.stop());

test.concurrent.each([1, 2, 3])('journey %i', async () => {
  expect(await journey({ polylink, PolylinkError })).toMatch(/^node-/);
});
