// npm run eval:million [-- --transactions 1000000] [--seed 1] [--minutes 30] [--small] [--keep]: a database of a million.
//
// Generates an error_log of so many transactions, a million in 30 days (5,000 clients in bursts, 400 vhosts), lets the product read
// it and judge its incidents, newest first, for at most so many minutes; nothing is put into the database by hand. Then times over HTTP
// the home page, incident pages and explained addresses, and in this process what `whyblocked explain` does. Prints the size
// of the database. Exits with 1 when p95 of home or incident is over 100 ms, or of explain over 300 ms.
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { explain } from '../../src/actions/explain.ts';
import { judgePending } from '../../src/actions/judge.ts';
import { recountAll } from '../../src/actions/recount-causes.ts';
import { refresh } from '../../src/actions/refresh.ts';
import { indexVhosts } from '../../src/actions/vhosts.ts';
import { openContext, type OpenContext } from '../../src/context.ts';
import { generateErrorLog } from '../bench/ingest-logs.ts';
import { random } from '../bench/random.ts';
import { serveRoot } from '../bench/served.ts';
import { incidentLinks, quantile, warmUp } from './load-watch.ts';

/** A million transactions in 30 days. */
const GAP_MS = 2592;
const MIB = 1024 * 1024;
const LIST_MS = 100;
const EXPLAIN_MS = 300;
const ASKED = 200;
/** Of them so many are the busiest addresses. */
const BUSIEST = 5;
/** Incidents that are judged between two looks at the clock. */
const AT_ONCE = 1000;
const WARM_MS = 120_000;

const { values } = parseArgs({
  options: {
    transactions: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: '1' },
    minutes: { type: 'string', default: '30' },
    small: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
  },
});
const transactions = values.small ? 20_000 : Number(values.transactions);
const seed = Number(values.seed);
const work = mkdtempSync(join(tmpdir(), 'whyblocked-million-'));
const root = join(work, 'root');
const state = join(work, 'state');

const secondsSince = (started: number): string => ((performance.now() - started) / 1000).toFixed(1);

/** Reads and groups in a process of its own, as `whyblocked ingest` begins. */
async function read(): Promise<void> {
  const started = performance.now();
  const launcher = join(import.meta.dirname, '../../plugin/whyblocked');
  const script = join(import.meta.dirname, '../bench/ingest-run.ts');
  const flags = ['--run-script', '--disable-warning=ExperimentalWarning'];
  const { stdout } = await promisify(execFile)(launcher, [...flags, script, root, state]);
  const { transactions: kept } = JSON.parse(stdout) as { transactions: number };
  console.log(`read: ${kept} transactions in ${secondsSince(started)} s`);
}

/** Judges for as long as it may, newest first, and counts the causes. */
async function judge(ctx: OpenContext): Promise<void> {
  const started = performance.now();
  const { clock } = await refresh(ctx);
  const vhosts = indexVhosts(ctx.host.vhosts(), ctx.host.hostname());
  let judged = 0;
  for (
    let some = -1;
    some !== 0 && performance.now() - started < Number(values.minutes) * 60_000;
    judged += some
  )
    some = await judgePending(ctx, clock, vhosts, { most: AT_ONCE, onlyNew: true });
  const took = secondsSince(started);
  const counting = performance.now();
  recountAll(ctx, clock.now);
  const all = ctx.store.incidents.newest(null).length;
  console.log(
    `judged: ${judged} of ${all} incidents in ${took} s, the newest first; causes counted in ${secondsSince(counting)} s`,
  );
}

/** The busiest addresses, then others drawn at random. */
function addresses(ctx: OpenContext): string[] {
  const requests = new Map<string, number>();
  for (const { client, requests: count } of ctx.store.incidents.newest(null))
    requests.set(client, (requests.get(client) ?? 0) + count);
  const byCount = [...requests].sort((a, b) => b[1] - a[1]);
  const [busiest] = byCount;
  console.log(`${byCount.length} addresses, the busiest with ${busiest?.[1] ?? 0} transactions`);
  const rng = random(seed, 'million');
  const first = byCount.slice(0, BUSIEST).map(([client]) => client);
  return [...first, ...Array.from({ length: ASKED - BUSIEST }, () => rng.pick(byCount)[0])];
}

/** Prints the times of a row; gives whether p95 is within the limit. */
function report(name: string, ms: readonly number[], limit: number | null): boolean {
  const [median, p95, most] = [0.5, 0.95, 1].map((share) => quantile(ms, share).toFixed(1));
  const judgement = limit === null ? '' : `, limit ${limit}`;
  console.log(`${name}: ${ms.length} answers, median ${median} ms, p95 ${p95}${judgement}, max ${most}`);
  return limit === null || quantile(ms, 0.95) <= limit;
}

async function timed(work: readonly (() => Promise<unknown>)[]): Promise<number[]> {
  const times: number[] = [];
  for (const one of work) {
    const started = performance.now();
    await one();
    times.push(performance.now() - started);
  }
  return times;
}

async function overHttp(asked: readonly string[], now: string): Promise<boolean> {
  const { get, stop } = await serveRoot(['--root', root, '--state', state, '--now', now]);
  try {
    await warmUp({ get }, WARM_MS);
    const incidents: string[] = [];
    for (let page = 1; page <= 8; page++) incidents.push(...incidentLinks(await get(`/&page=${page}`)));
    const home = await timed(Array.from({ length: 100 }, () => () => get('/')));
    const later = await timed(Array.from({ length: 50 }, (_, page) => () => get(`/&page=${page * 40 + 1}`)));
    const incident = await timed(incidents.map((link) => () => get(link)));
    const explained = await timed(asked.map((ip) => () => get(`/explain&q=${encodeURIComponent(ip)}`)));
    const busiest = explained.slice(0, BUSIEST).map((ms) => ms.toFixed(0));
    report('home, pages far down', later, null);
    const good = [
      report('home', home, LIST_MS),
      report('incident page', incident, LIST_MS),
      report('explain page', explained, EXPLAIN_MS),
    ];
    console.log(`  of them the busiest addresses: ${busiest.join(' ')} ms`);
    return good.every(Boolean);
  } finally {
    await stop();
  }
}

async function inProcess(asked: readonly string[], ctx: OpenContext): Promise<boolean> {
  const times = await timed(asked.map((ip) => () => explain(ctx, ip, { raw: false })));
  const isGood = report('explain as the command, in process', times, EXPLAIN_MS);
  console.log(
    `  of them the busiest addresses: ${times
      .slice(0, BUSIEST)
      .map((ms) => ms.toFixed(0))
      .join(' ')} ms`,
  );
  return isGood;
}

async function main(): Promise<boolean> {
  const size = { errorBytes: Infinity, auditBytes: 0, mostTransactions: transactions, gapMs: GAP_MS };
  const written = generateErrorLog(root, seed, size);
  const now = new Date(written.to + 1000).toISOString();
  console.log(
    `error_log: ${(written.bytes / MIB).toFixed(0)} MiB, ${written.transactions} transactions, ${written.hits} rule hits, no access logs`,
  );
  await read();
  const open = (): OpenContext =>
    openContext({ root, state, now, version: 'eval', env: {}, warn: console.error });
  let ctx = open();
  let asked: string[];
  try {
    await judge(ctx);
    asked = addresses(ctx);
  } finally {
    ctx.close();
  }
  const bytes = statSync(join(state, 'whyblocked.db')).size;
  console.log(
    `database: ${(bytes / MIB).toFixed(0)} MiB, ${(bytes / written.transactions).toFixed(0)} bytes a transaction`,
  );
  ctx = open();
  let isGood: boolean;
  try {
    isGood = await inProcess(asked, ctx);
  } finally {
    ctx.close();
  }
  return (await overHttp(asked, now)) && isGood;
}

try {
  if (!(await main())) process.exitCode = 1;
} finally {
  if (values.keep) console.log(`kept: ${work}`);
  else rmSync(work, { recursive: true, force: true });
}
