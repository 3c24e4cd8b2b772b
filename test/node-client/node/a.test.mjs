import { after, before, test } from 'node:test';
import { start, PolylinkError } from '@polylink-dev/polylink';
import { journey } from '../suite.mjs';

let polylink;
before(async () => { polylink = await start(); });
after(() => polylink.stop());

for (const n of [1, 2, 3]) {
  test(`journey ${n}`, { concurrency: true }, () => journey({ polylink, PolylinkError }));
}
