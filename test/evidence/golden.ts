// The golden cases: which items hold, which logs are missing, what is answered.
import { readFileSync } from 'node:fs';
import type { Judged } from './kit.ts';

export interface Case {
  readonly name: string;
  readonly items: readonly string[];
  readonly missing: readonly string[];
  readonly expect: 'attack' | 'unclear' | 'fp';
}

export const CASES = JSON.parse(
  readFileSync(new URL('../analyse/scenarios.json', import.meta.url), 'utf8'),
) as readonly Case[];

/** What a case expects, to be compared with what was said. */
export function expected({ items, expect }: Case): { items: string[]; label: string } {
  return { items: [...items].sort(), label: expect === 'fp' ? 'false-positive' : expect };
}

/** Items that hold and label of one judged visitor. */
export function said(one: Judged | undefined): {
  items: readonly string[] | undefined;
  label: string | undefined;
} {
  return { items: one?.present, label: one?.verdict?.label };
}
