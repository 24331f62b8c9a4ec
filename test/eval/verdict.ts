// npm run eval -- ROOT LABELS [--without audit,domlogs,error] [--moves] [--brief]: the exam of the verdicts.
//
// Judges all incidents of a copied server in a temp folder and prints, twice (addresses with a deny entry; all
// addresses with a transaction), the confusion matrix by label, the figures, and for each address whose verdict is
// wrong or open the items that decided. `--without` leaves logs out; `--moves` takes the logs away one by one, and the
// domlogs once more after everything was read, and lists each address whose verdict changes by that.
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { listIncidents } from '../../src/actions/inbox.ts';
import { openContext, type OpenContext } from '../../src/context.ts';
import type { Evidence } from '../../src/model.ts';
import {
  type Exam,
  examine,
  figuresOf,
  type Judged,
  type Label,
  sizeOf,
  type Tally,
  worstByAddress,
} from './exam.ts';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    without: { type: 'string', default: '' },
    brief: { type: 'boolean', default: false },
    moves: { type: 'boolean', default: false },
  },
});
const [root, labelFile] = positionals;
if (root === undefined || labelFile === undefined) {
  console.error(
    'Usage: npm run eval -- ROOT LABELS.jsonl [--without audit,domlogs,error] [--moves] [--brief]',
  );
  process.exit(2);
}

const LOGS: Readonly<Record<string, readonly string[]>> = {
  audit: ['modsec_audit.log', 'modsec_audit'],
  domlogs: ['domlogs', 'access_log'],
  error: ['error_log'],
};
const work = mkdtempSync(join(tmpdir(), 'whyblocked-exam-'));
process.on('exit', () => {
  rmSync(work, { recursive: true, force: true });
});

/** A copy of the server without some of its logs; the server itself when all are wanted. */
function rootWithout(folder: string, names: readonly string[]): string {
  if (names.length === 0) return folder;
  const copy = mkdtempSync(join(work, 'root-'));
  cpSync(folder, copy, { recursive: true, verbatimSymlinks: true });
  for (const name of names) removeLogs(copy, name);
  return copy;
}

function removeLogs(folder: string, name: string): void {
  const files = LOGS[name];
  if (files === undefined) {
    console.error(`--without ${name}: give audit, domlogs or error.`);
    process.exit(2);
  }
  for (const logs of ['etc/apache2/logs', 'var/log/apache2', 'usr/local/apache/logs', 'var/log/httpd'])
    for (const file of files) rmSync(join(folder, logs, file), { recursive: true, force: true });
}

function open(folder: string, state: string): OpenContext {
  return openContext({ root: folder, state, version: 'eval', env: {}, warn: console.error });
}

const without = values.without.split(',').filter((name) => name !== '');
const labels = readFileSync(labelFile, 'utf8')
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => JSON.parse(line) as Label);
const ctx = open(rootWithout(resolve(root), without), join(work, 'state'));

function percent(value: number | null): string {
  return value === null ? '-' : `${(value * 100).toFixed(1)} %`;
}

function row(name: string, tally: Tally): string {
  const { attack, unclear, falsePositive, other } = tally;
  const cells = [sizeOf(tally), attack, unclear, falsePositive, other].map((cell) =>
    String(cell).padStart(9),
  );
  return `  ${name.padEnd(38)}${cells.join('')}`;
}

function printExam(title: string, exam: Exam): void {
  const figures = figuresOf(exam);
  console.log(`\n${title}`);
  console.log(
    `  ${''.padEnd(38)}${['all', 'attack', 'unclear', 'false', 'other'].map((word) => word.padStart(9)).join('')}`,
  );
  for (const [label, tally] of [...exam.byLabel].sort()) console.log(row(label, tally));
  for (const [population, tally] of [...exam.byPopulation].sort()) console.log(row(`= ${population}`, tally));
  if (!values.brief)
    for (const [kind, tally] of [...exam.byKind].sort()) console.log(row(`. ${kind}`, tally));
  console.log(`  hostile called false-positive   ${figures.hostileFalse} of ${figures.hostile}`);
  console.log(`  mixed called false-positive     ${figures.mixedFalse}`);
  console.log(`  hostile called attack           ${percent(figures.recall)}`);
  console.log(`  browse first, called attack     ${percent(figures.browseFirstRecall)}`);
  console.log(
    `  legit called attack             ${figures.legitAttack} of ${figures.legit}, machines ${figures.machinesAttack}`,
  );
  console.log(`  people recognised               ${percent(figures.peopleRecognised)}`);
  console.log(`  decided                         ${percent(figures.decided)}`);
}

const rows = await listIncidents(ctx, { sinceMs: null, verdict: null });
const worst = worstByAddress(rows);
const denied = new Set(rows.filter((one) => one.blocked).map((one) => one.client));
const known = new Set(labels.map((label) => label.ip));
printExam(
  'Addresses with a deny entry',
  examine(labels, worst, (address) => denied.has(address)),
);
const all = examine(labels, worst, () => true);
printExam('All addresses with a transaction', all);
const strangers = [...worst.keys()].filter((client) => !known.has(client));
if (strangers.length > 0) console.log(`\nWithout a label: ${strangers.join(', ')}`);

function telling(evidence: readonly Evidence[]): string {
  return evidence
    .filter((item) => item.status === 'present')
    .map((item) => (item.weight === 0 ? item.id : `${item.id} ${item.weight > 0 ? '+' : ''}${item.weight}`))
    .join(', ');
}

if (!values.brief) console.log('\nWrong or open, with the items that decided');
for (const { label, worst: judged } of values.brief ? [] : all.open) {
  const record = ctx.store.incidents
    .ofClient(label.ip)
    .find(
      (one) =>
        one.judgement?.verdict.words === judged.verdict.words &&
        one.judgement.verdict.logOdds === judged.verdict.logOdds,
    );
  const evidence = record?.judgement?.evidence ?? [];
  const deny = denied.has(label.ip) ? ' [deny entry]' : '';
  console.log(
    `  ${label.ip} ${label.label}/${label.kind}${deny}: ${judged.verdict.label} ${judged.verdict.logOdds} (${telling(evidence)})`,
  );
  console.log(`      ${judged.verdict.words}`);
  for (const item of evidence)
    if (item.status === 'present' && (item.weight > 0 || item.direction === 'neutral'))
      console.log(`      ${item.id}: ${item.sentence}`);
}
if (values.moves) {
  const all = { sinceMs: null, verdict: null };
  for (const name of Object.keys(LOGS)) {
    const poorer = open(rootWithout(resolve(root), [name]), mkdtempSync(join(work, 'state-')));
    printMoves(`Without ${name}`, worst, worstByAddress(await listIncidents(poorer, all)));
    poorer.close();
  }
  const copy = mkdtempSync(join(work, 'root-'));
  cpSync(resolve(root), copy, { recursive: true, verbatimSymlinks: true });
  const state = mkdtempSync(join(work, 'state-'));
  const before = open(copy, state);
  const full = worstByAddress(await listIncidents(before, all));
  before.close();
  removeLogs(copy, 'domlogs');
  const after = open(copy, state);
  printMoves(
    'Domlogs deleted after everything was read',
    full,
    worstByAddress(await listIncidents(after, all)),
  );
  after.close();
}
ctx.close();

/** The addresses whose label changes, those that swap between attack and false alarm first. */
function printMoves(
  title: string,
  full: ReadonlyMap<string, Judged>,
  poor: ReadonlyMap<string, Judged>,
): void {
  const moves = [...full].flatMap(([client, { verdict }]) => {
    const now = poor.get(client)?.verdict;
    return now === undefined || now.label === verdict.label ? [] : [{ client, was: verdict.label, now }];
  });
  const gone = [...full.keys()].filter((client) => !poor.has(client)).length;
  const isSwap = ({ was, now }: (typeof moves)[number]): boolean =>
    (was === 'attack' && now.label === 'false-positive') ||
    (was === 'false-positive' && now.label === 'attack');
  const swaps = moves.filter(isSwap);
  const kinds = Map.groupBy(moves, ({ was, now }) => `${was} -> ${now.label}`);
  console.log(
    `\n${title}: ${swaps.length} swaps, ${moves.length} of ${full.size} moved, ${gone} without a transaction`,
  );
  for (const [kind, list] of kinds) console.log(`  ${kind}: ${list.length}`);
  for (const { client, was, now } of moves.filter(
    (move) => isSwap(move) || (move.was === 'unclear' && move.now.label === 'attack'),
  ))
    console.log(`  ${client}: ${was} -> ${now.label} ${now.logOdds}: ${now.words}`);
}
