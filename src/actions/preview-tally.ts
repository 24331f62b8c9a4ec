// Adds up what became of the requests of a preview.
import type { TriedRequest } from '../analyse/preview.ts';
import type { EpochMs, Transaction, VerdictLabel } from '../model.ts';
import type { IncidentLabel } from '../store/incidents.ts';
import type { Outcome, OutcomeTotals, PreviewSummary } from './exclusion-view.ts';

/** A refused request with what became of it and the incident it belongs to. */
export interface TriedRow {
  readonly transaction: Transaction;
  readonly result: TriedRequest;
  readonly incident: IncidentLabel | null;
}

/** Verdicts by address and time, read once for each address. */
export class Verdicts {
  readonly #labelsOf: (client: string) => readonly IncidentLabel[];
  readonly #known = new Map<string, readonly IncidentLabel[]>();

  constructor(labelsOf: (client: string) => readonly IncidentLabel[]) {
    this.#labelsOf = labelsOf;
  }

  /** The incident that a request belongs to; null when it was not grouped yet. */
  of(client: string, at: EpochMs): IncidentLabel | null {
    const known = this.#known.get(client) ?? this.#labelsOf(client);
    this.#known.set(client, known);
    return known.find(({ from, to }) => from <= at && at <= to) ?? null;
  }
}

type Counts = { -readonly [Key in keyof OutcomeTotals]: number };

const none = (): Counts => ({ passes: 0, blocked: 0, bound: 0 });
/** Clients whose blocks are counted again. */
const MOST_CLIENTS = 2000;

/** What one exclusion does to all requests; `most` rows of each kind are kept, the newest. */
export class Tally {
  /** Addresses with a request that would, or may, not have been refused. */
  readonly clients = new Set<string>();
  /** How many requests each reason leaves uncertain. */
  readonly doubts = new Map<string, number>();
  /** Requests that the exclusions in force free already. */
  freedBefore = 0;
  readonly #totals = none();
  readonly #byVerdict = new Map<VerdictLabel | 'unjudged', Counts>();
  readonly #visitors = new Set<string>();
  readonly #rows = new Map<string, TriedRow[]>();
  readonly #most: number;
  #touched = 0;
  #touchedAttacks = 0;
  #reconciled = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** How many requests of attack incidents the exclusion takes a hit out of. */
  get touchedAttacks(): number {
    return this.#touchedAttacks;
  }

  add(row: TriedRow): void {
    const { transaction, result, incident } = row;
    const { outcome, touched, reason } = result;
    const label = incident?.label ?? 'unjudged';
    const counts = this.#byVerdict.get(label) ?? none();
    this.#byVerdict.set(label, counts);
    counts[outcome]++;
    this.#totals[outcome]++;
    if (touched) this.#touch(result.reconciled, label === 'attack');
    if (outcome === 'passes' && label !== 'attack') this.#visitors.add(transaction.client);
    if (outcome === 'bound') this.doubts.set(reason, (this.doubts.get(reason) ?? 0) + 1);
    if (outcome !== 'blocked' && this.clients.size < MOST_CLIENTS) this.clients.add(transaction.client);
    if (this.#most > 0) this.#keep(row, outcome === 'blocked' && !touched ? 'untouched' : outcome);
  }

  #touch(reconciled: boolean, isAttack: boolean): void {
    this.#touched++;
    if (reconciled) this.#reconciled++;
    if (isAttack) this.#touchedAttacks++;
  }

  #keep(row: TriedRow, kind: Outcome | 'untouched'): void {
    const rows = this.#rows.get(kind) ?? [];
    rows.push(row);
    this.#rows.set(kind, rows.length > 2 * this.#most ? newest(rows).slice(0, this.#most) : rows);
  }

  /** The rows that matter most: freed, uncertain, touched, untouched; of each kind the newest first. */
  rows(): TriedRow[] {
    const kinds = ['passes', 'bound', 'blocked', 'untouched'] as const;
    return kinds.flatMap((kind) => newest(this.#rows.get(kind) ?? [])).slice(0, this.#most);
  }

  summary(): PreviewSummary {
    const totals = { ...this.#totals };
    const attack = this.#byVerdict.get('attack') ?? none();
    const numbers = {
      totals,
      byVerdict: Object.fromEntries([...this.#byVerdict].map(([label, counts]) => [label, { ...counts }])),
      refused: totals.passes + totals.blocked + totals.bound,
      touched: this.#touched,
      visitors: this.#visitors.size,
      attacksPassing: attack.passes,
      attacks: attack.passes + attack.blocked + attack.bound,
      reconciled: this.#reconciled,
      freedBefore: this.freedBefore,
    };
    return { ...numbers, sentence: sentenceOf(numbers) };
  }
}

function newest(rows: readonly TriedRow[]): TriedRow[] {
  return [...rows].sort((a, b) => b.transaction.at - a.transaction.at);
}

const count = (n: number, one: string): string => `${n} ${one}${n === 1 ? '' : 's'}`;

function sentenceOf(numbers: Omit<PreviewSummary, 'sentence'>): string {
  const { totals, refused, visitors, attacksPassing, attacks, freedBefore } = numbers;
  if (refused === 0 && freedBefore > 0)
    return `All ${count(freedBefore, 'request')} refused in this time would pass already: exclusions in force free them.`;
  if (refused === 0)
    return 'No request to this vhost was refused in this time: there is nothing to try it on.';
  if (totals.passes === 0) {
    const unsure = totals.bound === 0 ? '.' : ` for certain; of ${totals.bound} it cannot be told.`;
    return `This frees none of ${count(refused, 'refused request')}${unsure}`;
  }
  const doubt = totals.bound === 0 ? '' : ` Of ${totals.bound} more it cannot be told.`;
  const innocent = totals.passes - attacksPassing;
  if (innocent === 0)
    return `This frees ${count(attacksPassing, 'request')}, all of attack incidents, and no visitor’s.${doubt}`;
  const attackers =
    attacksPassing === 0
      ? 'lets no known attack request through'
      : `also frees ${attacksPassing} of ${count(attacks, 'request')} from attack incidents`;
  return `This frees ${count(innocent, 'request')} of ${count(visitors, 'visitor')} and ${attackers}.${doubt}`;
}
