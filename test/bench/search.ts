// npm run bench [-- --rounds 5] [--only TEXT] [--small] [--seed 1] [--clean]: the log search beside ripgrep and grep, then
// the pages of causes and incidents (--only pages: those alone; see pages.ts), then reading the logs (--only ingest; see
// ingest.ts).
//
// Generates 1 GiB of access_log and five archives in the temp folder (kept for the next run, removed by --clean),
// then runs every row of a block in turn, round by round. Wall times; children read the page cache, warm.
import { cpus, loadavg, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { benchData, removeData, type BenchData } from './data.ts';
import { clf, FULL, LOG_FROM, SMALL } from './generate.ts';
import { measure, table, type Row } from './measure.ts';
import { openOwn, type OwnEngine, type OwnSearch } from './ours.ts';
import {
  findPeers,
  peerArgv,
  peerVersion,
  runPeer,
  runPeerTail,
  type Peer,
  type PeerQuery,
} from './peers.ts';
import { benchIngest, removeIngest } from './ingest.ts';
import { benchPages, removePages } from './pages.ts';
import { BUSY, COMMON_PATTERN, MIDDLING, RARE, SQLI_PATTERN } from './traffic.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string', default: '' },
    small: { type: 'boolean', default: false },
    clean: { type: 'boolean', default: false },
  },
});

/** Lines on the first page of results. */
const PAGE = 200;
const HOUR = 3_600_000;
/** In the middle of a busy afternoon in the middle of the log. */
const WINDOW_FROM = LOG_FROM + 14 * 24 * HOUR + 15 * HOUR;

/** One block: the peers search `peer`, the product searches `own`. */
interface Block {
  readonly title: string;
  readonly peer: Omit<PeerQuery, 'files'>;
  readonly own: OwnSearch;
  readonly how: 'lines' | 'first page' | 'archives';
}

const escape = (text: string): string => text.replaceAll('.', '\\.');

function fullScan(title: string, pattern: string, ignoreCase = false): Block {
  const own = { pattern, ignoreCase, newest: null };
  return { title: `full scan, ${title}`, peer: { pattern, ignoreCase }, own, how: 'lines' };
}

/** The peers have no field for an address: they get the anchored pattern that finds the same lines. */
function address(title: string, ip: string): Block {
  const own = { pattern: '', ip, newest: null };
  return {
    title: `all lines of a ${title} address`,
    peer: { pattern: `^${escape(ip)} ` },
    own,
    how: 'lines',
  };
}

/**
 * A window: the peers read the whole file for the same lines, by a pattern of the time before the common one. With
 * rows that count everything, so that none can leave early.
 */
function timeWindow(title: string, ms: number, time: string): Block {
  const own = { pattern: COMMON_PATTERN, from: WINDOW_FROM, to: WINDOW_FROM + ms, newest: null };
  const pattern = `\\[${time}.*${COMMON_PATTERN}`;
  return { title: `window of one ${title}`, peer: { pattern }, own, how: 'lines' };
}

function firstPage(title: string, pattern: string, ignoreCase = false): Block {
  const own = { pattern, ignoreCase, newest: PAGE };
  return { title: `first page, ${title}`, peer: { pattern, ignoreCase }, own, how: 'first page' };
}

const stamp = clf(WINDOW_FROM);
const BLOCKS: readonly Block[] = [
  fullScan('few hits: one address as text', `${escape(RARE[1]!)} `),
  fullScan('few hits: attacks, case ignored', SQLI_PATTERN, true),
  fullScan('no hit', 'xyzzy-not-there'),
  fullScan('20,000 hits: refused by an error', '" 5\\d\\d \\d+ '),
  fullScan('100,000 hits: log-ins', COMMON_PATTERN),
  fullScan('no literal to look for', '\\d \\d{5} "[^"]+[a-z]{8}-[a-z]{8}\\d'),
  address('rare', RARE[0]!),
  address('rare IPv6', RARE[4]!),
  address('middling (100 lines)', MIDDLING[0]!.client),
  address('middling (1,000 lines)', MIDDLING[1]!.client),
  address('busy', BUSY),
  timeWindow('minute', 60_000, stamp.slice(0, 17)),
  timeWindow('hour', HOUR, stamp.slice(0, 14)),
  {
    ...timeWindow('day', 24 * HOUR, stamp.slice(0, 11)),
    own: {
      pattern: COMMON_PATTERN,
      from: LOG_FROM + 14 * 24 * HOUR,
      to: LOG_FROM + 15 * 24 * HOUR,
      newest: null,
    },
  },
  firstPage('any line', '.*'),
  firstPage('common: log-ins', COMMON_PATTERN),
  firstPage('less common: refused by an error', '" 500 \\d+ "'),
  firstPage('rare: one address as text', `${escape(RARE[1]!)} `),
  {
    title: 'archives, log-ins',
    peer: { pattern: COMMON_PATTERN },
    own: { pattern: COMMON_PATTERN, archivesOnly: true, newest: null },
    how: 'archives',
  },
];

function peerRows(block: Block, peers: readonly Peer[], data: BenchData): Row[] {
  const packed = block.how === 'archives';
  const query: PeerQuery = { ...block.peer, files: packed ? data.archives : [data.log] };
  const suited = peers.filter((peer) => peer.packed === packed);
  if (block.how === 'first page') {
    return suited.map((peer) => ({
      name: `${peer.name} | tail`,
      run: async () => (await runPeerTail(peer, query, PAGE)).bytes,
    }));
  }
  return suited.flatMap((peer) => [
    { name: peer.name, run: async () => (await runPeer(peer, query)).bytes },
    { name: `${peer.name} -c`, run: async () => (await runPeer(peer, query, true)).count ?? 0 },
  ]);
}

function ownRows(block: Block, engine: OwnEngine): Row[] {
  return [{ name: 'whyblocked', own: true, run: () => engine.search(block.own) }];
}

function printPeers(peers: readonly Peer[]): void {
  const query: PeerQuery = { pattern: 'PATTERN', files: ['FILE'] };
  for (const peer of peers) {
    const env = Object.entries(peer.env).map(([key, value]) => `${key}=${value}`);
    console.log(`${peer.name}: ${peerVersion(peer)}`);
    console.log(`  env -i ${[...env, ...peerArgv(peer, query)].join(' ')}`);
  }
  console.log(
    '\\d is written [0-9] for -E. Rows without -c: results are bytes read from the pipe. -i where case is ignored.',
  );
}

function printMachine(): void {
  const [cpu] = cpus();
  const gib = (totalmem() / 2 ** 30).toFixed(0);
  const load = loadavg().map((one) => one.toFixed(2));
  console.log(
    `Node ${process.version}, ${cpus().length} x ${cpu?.model ?? '?'}, ${gib} GiB, load ${load.join(' ')}`,
  );
}

const rounds = Number(values.rounds);
const seed = Number(values.seed);
const size = values.small ? SMALL : FULL;
if (values.clean) {
  removeData(seed, size);
  removePages({ seed, small: values.small });
  removeIngest({ seed, small: values.small });
} else if (Number.isSafeInteger(rounds) && rounds > 0 && Number.isSafeInteger(seed)) await bench();
else {
  console.error('Usage: npm run bench -- [--rounds 5] [--only TEXT] [--small] [--seed 1] [--clean]');
  process.exitCode = 2;
}

async function bench(): Promise<void> {
  printMachine();
  const blocks = BLOCKS.filter((one) => one.title.includes(values.only));
  if (blocks.length > 0) await benchSearch(blocks);
  if ('pages'.includes(values.only)) await benchPages({ rounds, seed, small: values.small });
  if ('ingest'.includes(values.only) && !(await benchIngest({ rounds, seed, small: values.small })))
    process.exitCode = 1;
}

async function benchSearch(blocks: readonly Block[]): Promise<void> {
  const peers = findPeers();
  printPeers(peers);
  const data = benchData(seed, size);
  const engine = await openOwn(data.root);
  try {
    for (const block of blocks) {
      const rows = [...ownRows(block, engine), ...peerRows(block, peers, data)];
      const pattern = `${block.peer.pattern}${block.peer.ignoreCase === true ? ' (case ignored)' : ''}`;
      const reference = rows.find((row) => row.own !== true)?.name ?? '';
      console.log(table(`${block.title}: ${pattern}`, await measure(rows, rounds), reference));
    }
  } finally {
    engine.close();
  }
  const peak = process.resourceUsage().maxRSS / 1024;
  console.log(`peak memory of the whole bench process: ${peak.toFixed(0)} MiB`);
}
