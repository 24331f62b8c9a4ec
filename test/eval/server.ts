// npm run eval:server -- ROOT [LABELS.jsonl]: what Whyblocked makes of a whole sample server.
//
// Prints transactions, reconciled totals, the verdicts per label (worst incident of an address), the times of a first
// start and of one answer, and whether other orders of reading give the same rows. Reads only; works in a temp folder.
import { execFileSync, spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { transactionsOf } from '../../src/actions/incidents.ts';
import { refresh } from '../../src/actions/refresh.ts';
import { ruleBook } from '../../src/actions/rule-book.ts';
import { scoreTransaction } from '../../src/analyse/score.ts';
import { openContext, type OpenContext } from '../../src/context.ts';

const LAUNCHER = new URL('../../plugin/whyblocked', import.meta.url).pathname;
const [root, labels] = process.argv.slice(2);
if (root === undefined) {
  console.error('Usage: npm run eval:server -- ROOT [LABELS.jsonl]');
  process.exit(2);
}
const work = mkdtempSync(join(tmpdir(), 'whyblocked-eval-'));

function open(folder: string, state: string): OpenContext {
  return openContext({
    root: folder,
    state: join(work, state),
    version: 'eval',
    env: {},
    warn: console.error,
  });
}

function cli(state: string, ...args: readonly string[]): { text: string; ms: number } {
  const started = performance.now();
  const all = [...args, '--root', resolve(root ?? ''), '--state', join(work, state)];
  const text = execFileSync(LAUNCHER, all, { encoding: 'utf8', maxBuffer: 1e9 });
  return { text, ms: Math.round(performance.now() - started) };
}

/** Everything that is kept, by unique_id, without row numbers. */
function rowsOf(ctx: OpenContext): string {
  const clients = [...new Set(ctx.store.incidents.newest(null).map((row) => row.client))].sort();
  const rows = clients.map((client) => ({
    parts: ctx.store.transactions.ofClient(client, -Infinity, Infinity),
    shapes: ctx.store.incidents
      .ofClient(client)
      .map(({ from, to, requests, ruleIds }) => ({ from, to, requests, ruleIds })),
  }));
  // The key of value hashes is another one in each database.
  return JSON.stringify(rows, (name, value: unknown) => (name === 'hash' ? undefined : value));
}

function printScores(ctx: OpenContext): void {
  const clients = new Set(ctx.store.incidents.newest(null).map((row) => row.client));
  const all = [...clients].flatMap((client) => transactionsOf(ctx, client));
  const book = ruleBook(ctx, all);
  const denied = all.filter((one) =>
    one.hits.some((hit) => hit.ruleId === '949110' && hit.action === 'denied'),
  );
  const scores = denied.map((one) => scoreTransaction({ hits: one.hits, ...book }));
  const cut = denied.filter((one) => one.hits.some((hit) => hit.cut && hit.severity === null));
  console.log('transactions with rule hits:', ctx.store.transactions.counts().withHits);
  console.log(
    'denied by 949110:',
    denied.length,
    'reconciled:',
    scores.filter((score) => score.reconciled).length,
  );
  console.log(
    'with a cut severity:',
    cut.length,
    'marked inferred:',
    scores.filter((score) => score.inferred).length,
  );
}

const ORDER = ['attack', 'unclear', 'false-positive', 'local', 'not-attributable'];

function printVerdicts(incidents: string, path: string): void {
  const worst = new Map<string, string>();
  for (const line of incidents.trim().split('\n')) {
    const { ip, verdict } = JSON.parse(line) as { ip: string; verdict: { label: string } };
    const known = worst.get(ip);
    if (known === undefined || ORDER.indexOf(verdict.label) < ORDER.indexOf(known))
      worst.set(ip, verdict.label);
  }
  const counts = new Map<string, number>();
  for (const line of readFileSync(path, 'utf8').trim().split('\n')) {
    const { ip, label } = JSON.parse(line) as { ip: string; label: string };
    const verdict = worst.get(ip);
    if (verdict === undefined) continue;
    const key = `${label}: ${verdict}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  for (const [key, number] of [...counts].sort()) console.log(' ', key, number);
}

async function fourAtOnce(): Promise<void> {
  const args = ['ingest', '--root', resolve(root ?? ''), '--state', join(work, 'four')];
  const one = (): Promise<void> =>
    new Promise((done) => {
      spawn(LAUNCHER, args, { stdio: 'ignore' }).on('exit', () => {
        done();
      });
    });
  await Promise.all([one(), one(), one(), one()]);
}

try {
  const cold = cli('cold', 'incidents', '--json');
  console.log('incidents --json from cold, ms:', cold.ms, 'incidents:', cold.text.trim().split('\n').length);
  const [first] = cold.text.split('\n');
  const { ip } = JSON.parse(first ?? '{}') as { ip: string };
  const answers = [1, 2, 3, 4, 5].map(() => cli('cold', 'explain', ip, '--json').ms);
  console.log(`explain ${ip} --json once ingested, ms:`, answers.join(' '));
  const ctx = open(root, 'cold');
  printScores(ctx);
  const rows = rowsOf(ctx);
  if (labels !== undefined) printVerdicts(cold.text, labels);
  ctx.close();

  cli('cold', 'ingest');
  const again = open(root, 'cold');
  console.log('read twice, same rows:', rowsOf(again) === rows);
  again.close();

  await fourAtOnce();
  const four = open(root, 'four');
  console.log('four at once, same rows:', rowsOf(four) === rows);
  four.close();

  // The audit log first: a copy of the server without its error_log, which comes later.
  const copy = join(work, 'root');
  cpSync(root, copy, { recursive: true, verbatimSymlinks: true });
  const errorLog = join(copy, 'var/log/apache2/error_log');
  rmSync(errorLog);
  const late = open(copy, 'late');
  await refresh(late);
  symlinkSync('error_log.later', errorLog);
  cpSync(join(root, 'var/log/apache2/error_log'), join(copy, 'var/log/apache2/error_log.later'));
  await refresh(late);
  console.log('audit log first, same rows:', rowsOf(late) === rows);
  late.close();
} finally {
  rmSync(work, { recursive: true, force: true });
}
