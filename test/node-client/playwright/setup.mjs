import { start } from '@polylink-dev/polylink';

// One server for all workers: its address is in their environment.
export default async function setup() {
  const polylink = await start();
  process.env.POLYLINK_URL = polylink.url;
  process.env.POLYLINK_PORTS = JSON.stringify(polylink.ports);
  return () => polylink.stop();
}
