// What a preview cannot tell, and what an exclusion lets through, as sentences.
import { onlyAddsUp } from '../analyse/score.ts';
import type { Transaction } from '../model.ts';
import type { ExclusionScope } from '../model-rules.ts';
import type { PreviewSummary } from './exclusion-view.ts';
import type { Statement } from './explanation.ts';
import type { Tally } from './preview-tally.ts';

/** Which other rules fired on the target of a scope. */
export class TargetUse {
  readonly #scope: ExclusionScope;
  readonly #rules = new Set<string>();

  constructor(scope: ExclusionScope) {
    this.#scope = scope;
  }

  add({ hits }: Transaction): void {
    const wanted = this.#scope.target?.toLowerCase();
    if (wanted === undefined) return;
    for (const { ruleId, target } of hits) {
      const given = target?.toLowerCase();
      const isOn = given === wanted || (!wanted.includes(':') && given?.startsWith(`${wanted}:`) === true);
      if (isOn && ruleId !== this.#scope.ruleId && !onlyAddsUp(ruleId)) this.#rules.add(ruleId);
    }
  }

  get others(): number {
    return this.#rules.size;
  }
}

export interface CaveatInput {
  readonly scope: ExclusionScope;
  readonly summary: PreviewSummary;
  readonly tally: Tally;
  readonly use: TargetUse;
  /** Requests over the limit that were only reported. */
  readonly unrefused: number;
}

const MOST_DOUBTS = 3;

/** In the order of their weight. */
export function caveatsOf({ scope, summary, tally, use, unrefused }: CaveatInput): Statement[] {
  const { totals } = summary;
  const said: Statement[] = [inferred(losesWords(scope, tally.touchedAttacks, use.others))];
  const doubts = [...tally.doubts].sort((a, b) => b[1] - a[1]).slice(0, MOST_DOUBTS);
  for (const [reason, count] of doubts)
    said.push(missing(`Of ${requests(count)} it cannot be told: ${reason}.`));
  if (totals.passes > 0) {
    said.push(
      missing(
        'Rules that look at answers never ran for the freed requests, as these were refused before the site answered.',
      ),
      missing(
        'What these visitors would have asked for next is in no log: only requests that were made are counted.',
      ),
    );
  }
  if (summary.freedBefore > 0 && summary.refused > 0)
    said.push(
      inferred(
        `${requests(summary.freedBefore)} refused in this time would pass already, by exclusions that are in force; they are not counted here.`,
      ),
    );
  if (unrefused > 0)
    said.push(
      inferred(
        `${requests(unrefused)} over the limit were only reported, not refused; they are not counted here.`,
      ),
    );
  return said;
}

function losesWords(
  { kind, ruleId, tag, target, vhost, path }: ExclusionScope,
  attacks: number,
  others: number,
): string {
  const rule = `rule ${ruleId ?? ''}`;
  const took = `in this time it also took part in refusing ${requests(attacks)} of attack incidents`;
  switch (kind) {
    case 'target-path':
    case 'target-vhost':
      return `An attack placed in ${target ?? ''} would pass ${rule}; ${others} other ${others === 1 ? 'rule that fired on it still looks' : 'rules that fired on it still look'} at it.`;
    case 'rule-path':
      return `Whoever can reach ${path?.text ?? ''} may send it anything that only ${rule} would have caught; ${took}.`;
    case 'rule-vhost':
      return `All of ${vhost} loses ${rule}; ${took}.`;
    case 'tag-vhost':
      return `All of ${vhost} loses every rule with the tag ${tag ?? ''}; they took part in refusing ${requests(attacks)} of attack incidents in this time.`;
    default:
      return `Nothing of what is sent to ${vhost} is looked at from phase 2 on; ${requests(attacks)} of attack incidents were refused in this time.`;
  }
}

function requests(count: number): string {
  return `${count} ${count === 1 ? 'request' : 'requests'}`;
}

function inferred(sentence: string): Statement {
  return { basis: 'inferred', sentence, lines: [] };
}

function missing(sentence: string): Statement {
  return { basis: 'missing', sentence, lines: [] };
}
