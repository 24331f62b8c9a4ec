// What a mail about several blocks is made of: each block with the incident behind it, as it was judged.
import { joinAnd } from '../analyse/sentences.ts';
import type { EpochMs } from '../model.ts';
import type { IncidentRecord } from '../store/incidents.ts';
import type { HeldNotice } from '../store/notices.ts';
import { findEntry } from './block.ts';
import type { Desk } from './desk.ts';
import { firewallWords, incidentRow } from './incident-row.ts';
import { isoTime } from './iso-time.ts';
import type { LetterHead, SummaryLetter, SummaryRow } from './mail-letter.ts';
import { serverView } from './server.ts';
import { triggerInfo, triggerWords } from './triggers.ts';

const DAY_MS = 86_400_000;
/** A block comes some seconds after the incident began, and the incident may go on. */
const AFTER_MS = 60_000;
const MOST_DOUBTFUL = 25;
const MOST_ATTACKS = 8;
const MOST_LOST = 10;

export interface SummaryOf {
  readonly head: LetterHead;
  readonly kind: SummaryLetter['kind'];
  readonly blocks: readonly HeldNotice[];
  readonly from: EpochMs;
  readonly to: EpochMs;
}

/** The letter. Rows are bounded, the numbers tell of all. */
export function summaryLetter(desk: Desk, { head, kind, blocks, from, to }: SummaryOf): SummaryLetter {
  const { ctx, clock, report } = desk;
  const rows = [...blocks].sort((a, b) => b.at - a.at).map((block) => rowOf(desk, block));
  const count = (label: SummaryRow['label']): number => rows.filter((row) => row.label === label).length;
  const [falsePositive, unclear, attack] = [count('false-positive'), count('unclear'), count('attack')];
  const unjudged = rows.filter(({ isUnjudged }) => isUnjudged).length;
  const of = (most: number, ...labels: readonly SummaryRow['label'][]): SummaryRow[] =>
    rows.filter(({ label }) => labels.includes(label)).slice(0, most);
  const told = ctx.store.firewall.notices.counts(from);
  return {
    head,
    kind,
    from: isoTime(clock.zone, from),
    to: isoTime(clock.zone, to),
    rows: [
      ...of(MOST_DOUBTFUL, 'false-positive'),
      ...of(MOST_DOUBTFUL, 'unclear'),
      ...rows.filter(({ isUnjudged }) => isUnjudged).slice(0, MOST_DOUBTFUL),
      ...rows.filter(({ label, isUnjudged }) => label === null && !isUnjudged).slice(0, MOST_ATTACKS),
      ...of(MOST_ATTACKS, 'local', 'not-attributable'),
      ...of(MOST_ATTACKS, 'attack'),
    ],
    counts: {
      all: rows.length,
      falsePositive,
      unclear,
      attack,
      unjudged,
      other: rows.length - falsePositive - unclear - attack - unjudged,
    },
    mailed: kind === 'daily' ? (told.get('mailed') ?? 0) : 0,
    skipped: kind === 'daily' ? (told.get('skipped') ?? 0) : 0,
    lost: kind === 'daily' ? lostMails(desk, from) : [],
    // Not every server has every log.
    problems: report.problems
      .filter(({ problem }) => problem !== 'missing')
      .map(({ path, problem }) => `${path}: ${problem}`),
    server: serverView(ctx, clock),
  };
}

function rowOf(desk: Desk, block: HeldNotice): SummaryRow {
  const { clock, firewall, ctx } = desk;
  const address = block.address ?? 'an address';
  const record = incidentNear(ctx.store.incidents.ofClient(address), block.at);
  const base = { address, at: isoTime(clock.zone, Math.floor(block.at / 1000) * 1000) };
  const isWeb = !isOther(block);
  if (record === null || !isWeb) {
    const entry = block.address === null ? null : findEntry(firewall, block.address, clock.now);
    return {
      ...base,
      label: null,
      isUnjudged: isWeb,
      words: isWeb ? `Its requests are not known. ${reasonOf(block)}`.trim() : reasonOf(block),
      what: '',
      vhosts: [],
      firewall: firewallWords(desk, entry),
      from: null,
    };
  }
  const row = incidentRow(desk, record);
  return {
    ...base,
    label: record.judgement === null ? null : row.verdict.label,
    isUnjudged: record.judgement === null,
    words: row.verdict.words,
    what: row.what,
    vhosts: row.vhosts,
    firewall: row.firewall,
    from: row.from,
  };
}

/** No matter of ModSecurity, whatever the address did on the web. */
function isOther({ trigger }: HeldNotice): boolean {
  return triggerInfo(trigger)?.waf === false && !/^LF_APACHE_40\d$/.test(trigger ?? '');
}

function reasonOf({ trigger, seconds, permanent }: HeldNotice): string {
  const words = triggerWords(trigger, null, null);
  const term = permanent === true ? 'without an end' : seconds === null ? '' : `for ${seconds} seconds`;
  const parts = [...(words === null ? [] : [`for ${words}`]), ...(term === '' ? [] : [term])];
  return parts.length === 0 ? '' : `Blocked ${joinAnd(parts)}.`;
}

/** The last incident that had begun when the block came, within a day. */
function incidentNear(records: readonly IncidentRecord[], at: EpochMs): IncidentRecord | null {
  const near = records.filter(({ from, to }) => from <= at + AFTER_MS && to >= at - DAY_MS);
  return near.at(-1) ?? null;
}

function lostMails({ ctx, clock }: Desk, from: EpochMs): SummaryLetter['lost'] {
  const { mails } = ctx.store.firewall;
  const since = (state: 'unknown' | 'failed', why: (problem: string) => string): SummaryLetter['lost'] =>
    mails
      .inState(state, MOST_LOST)
      .filter(({ endedAt }) => (endedAt ?? 0) >= from)
      .map(({ madeAt, subject, problem }) => ({
        at: isoTime(clock.zone, madeAt),
        subject,
        why: why(problem ?? ''),
      }));
  return [
    ...since('unknown', () => 'may or may not have arrived'),
    ...since('failed', (problem) => `was given up: ${problem}`),
  ];
}
