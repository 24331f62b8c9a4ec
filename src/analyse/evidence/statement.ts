// Makes evidence items: weight and direction come from the table of weights, never from the item itself.
import type { Basis, Evidence, EvidenceStatus, LineRef } from '../../model.ts';
import { ITEMS } from '../weights.ts';

/** The item holds: its weight counts. `basis` inferred when the sentence rests on absence or arithmetic. */
export function present(
  id: string,
  sentence: string,
  lines: readonly LineRef[],
  basis: Basis = 'known',
): Evidence {
  return make(id, { status: 'present', basis, sentence, lines });
}

/** It was looked for in logs that cover the time, and is not there. */
export function absent(id: string, sentence: string, lines: readonly LineRef[] = []): Evidence {
  return make(id, { status: 'absent', basis: 'inferred', sentence, lines });
}

/** The source that would tell is missing: adds nothing, and says so. */
export function unknown(id: string, sentence: string): Evidence {
  return make(id, { status: 'unknown', basis: 'missing', sentence, lines: [] });
}

interface Said {
  readonly status: EvidenceStatus;
  readonly basis: Basis;
  readonly sentence: string;
  readonly lines: readonly LineRef[];
}

function make(id: string, said: Said): Evidence {
  const item = ITEMS[id];
  const weight = said.status === 'present' ? (item?.weight ?? 0) : 0;
  const against = item?.kind === 'good';
  const direction = item === undefined || item.kind === 'neutral' ? 'neutral' : against ? 'against' : 'for';
  return { id, group: item?.group ?? 'NONE', weight, direction, ...said };
}
