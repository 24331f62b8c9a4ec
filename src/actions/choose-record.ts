// Which of an address's incidents an answer is about.
import type { EpochMs } from '../model.ts';
import type { IncidentRecord } from '../store/incidents.ts';
import type { FoundBlock } from './block.ts';

/** The incident nearest the block, that of the transaction asked for, else the newest. */
export function chooseRecord(
  records: readonly IncidentRecord[],
  { at, intervalMs }: FoundBlock,
  question: { readonly from: EpochMs | null; readonly isMail: boolean },
  asked: EpochMs | null,
): IncidentRecord | null {
  const wanted = question.from;
  if (wanted !== null) return records.find((one) => Math.abs(one.from - wanted) < 1) ?? null;
  const moment = asked ?? at;
  if (moment === null) return records.at(-1) ?? null;
  // A transaction lies within its incident; a block comes after it.
  const before = asked === null ? intervalMs : 1;
  const near = records.filter((one) => one.to >= moment - before && one.from <= moment + 60_000);
  const distance = (one: IncidentRecord): number => Math.max(0, one.from - moment, moment - one.to);
  const best = [...near].sort((a, b) => distance(a) - distance(b))[0] ?? null;
  // Without a mail there is no moment to insist on: an old block does not hide what the address did since.
  return best ?? (question.isMail ? null : (records.at(-1) ?? null));
}
