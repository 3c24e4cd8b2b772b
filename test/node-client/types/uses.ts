import { start, connect, PolylinkError, type Sandbox, type Filter } from '@polylink-dev/polylink';

export async function uses(): Promise<string> {
  const polylink = await start({ quiet: false, env: { POLYLINK_LINKS: 'shared' } });
  const sandbox: Sandbox = await polylink.sandbox('types');
  const filter: Filter = { operation: 'link.create', status: '4xx', 'body.line_items.0.price': 'p', 'header.idempotency-key': 'k' };
  const list = await sandbox.requests.list(filter);
  const fault = await sandbox.faults.add({ status: 503, after: 2, header: { 'X-Attempt': '2' } });
  const link = await sandbox.links.complete('stripe', 'plink_1', { outcome: 'card_declined' });
  const received = await (await sandbox.webhooks.receive('stripe')).wait(2);
  const effects = await sandbox.clock.advance('7d');
  // @ts-expect-error there is no such member
  await sandbox.faults.add({ stauts: 503 });
  // @ts-expect-error the host is no number
  const host: number = polylink.address('stripe').host;
  const other = await connect();
  await other.stop();
  const err = new PolylinkError('x');
  return [list[0]?.rule?.file, fault.id, link.status, received[0].text, effects[0].kind, host, err.status].join();
}
