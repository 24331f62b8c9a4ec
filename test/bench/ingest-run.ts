// One reading of a copied server's logs in a process of its own, for ingest.ts: what `whyblocked ingest` does before it judges.
//
// ingest-run.ts ROOT STATE [--helper]: opens the context, reads and groups into incidents, closes, prints JSON. With --helper
// a second thread takes audit records apart, as in the command; the service does without it.
import { readFileSync } from 'node:fs';
import { refresh } from '../../src/actions/refresh.ts';
import { openContext } from '../../src/context.ts';

/** What a run says of itself. */
export interface IngestRun {
  readonly transactions: number;
  /** Peak of the whole process's resident memory, KiB. */
  readonly peakKib: number;
  readonly problems: readonly { readonly path: string; readonly problem: string }[];
}

const [root, state, ...options] = process.argv.slice(2);
if (root === undefined || state === undefined) throw new Error('Usage: ingest-run.ts ROOT STATE [--helper]');
const ctx = openContext({
  root,
  state,
  version: 'bench',
  env: {},
  helperThread: options.includes('--helper'),
  warn: console.error,
});
const { report } = await refresh(ctx);
const { all } = ctx.store.transactions.counts();
ctx.close();
const peak = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'latin1'))?.[1];
const run: IngestRun = { transactions: all, peakKib: Number(peak), problems: report.problems };
console.log(JSON.stringify(run));
