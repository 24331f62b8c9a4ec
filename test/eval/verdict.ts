// npm run eval -- ROOT LABELS [--without audit,domlogs,error] [--brief]: the exam of the verdicts.
//
// Judges all incidents of a copied server in a temp folder and prints, twice (addresses with a deny entry; all
// addresses with a transaction), the confusion matrix by label, the figures, and for each address whose verdict is
// wrong or open the items that decided. `--without` leaves logs out, to see what their lack changes.
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { listIncidents } from '../../src/actions/inbox.ts';
import { openContext } from '../../src/context.ts';
import type { Evidence } from '../../src/model.ts';
import { type Exam, examine, figuresOf, type Label, sizeOf, type Tally, worstByAddress } from './exam.ts';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { without: { type: 'string', default: '' }, brief: { type: 'boolean', default: false } },
});
const [root, labelFile] = positionals;
if (root === undefined || labelFile === undefined) {
  console.error('Usage: npm run eval -- ROOT LABELS.jsonl [--without audit,domlogs,error] [--brief]');
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
  const copy = join(work, 'root');
  cpSync(folder, copy, { recursive: true, verbatimSymlinks: true });
  for (const name of names) {
    const files = LOGS[name];
    if (files === undefined) {
      console.error(`--without ${name}: give audit, domlogs or error.`);
      process.exit(2);
    }
    for (const logs of ['etc/apache2/logs', 'var/log/apache2', 'usr/local/apache/logs', 'var/log/httpd'])
      for (const file of files) rmSync(join(copy, logs, file), { recursive: true, force: true });
  }
  return copy;
}

const without = values.without.split(',').filter((name) => name !== '');
const labels = readFileSync(labelFile, 'utf8')
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => JSON.parse(line) as Label);
const ctx = openContext({
  root: rootWithout(resolve(root), without),
  state: join(work, 'state'),
  version: 'eval',
  env: {},
  warn: console.error,
});

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
ctx.close();
