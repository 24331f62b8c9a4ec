// A cause as it is kept: its key, its state, its numbers over the window.
import type { EpochMs } from '../model.ts';
import type { CauseKey, CauseState } from '../model-evidence.ts';

/** Numbers over the window; see the table `causes`. */
export interface CauseNumbers {
  /** Different requests: all, refused, and refused ones that would have passed without the rule's points here. */
  readonly hits: number;
  readonly refused: number;
  readonly decisive: number;
  /** Of the hits: those on page content or in a tracking field. */
  readonly shaped: number;
  /** Different addresses, and their networks. */
  readonly visitors: number;
  readonly networks: number;
  /** Different networks of ordinary visitors. */
  readonly ordinary: number;
  /** Different addresses that did something hostile. */
  readonly hostile: number;
  /** Hits in incidents that were judged attack, and false positive. */
  readonly attackHits: number;
  readonly falseHits: number;
  readonly firstAt: EpochMs | null;
  readonly lastAt: EpochMs | null;
}

/** How a cause lies among the others of its rule on its vhost. Shares are 0 to 1. */
export interface CauseSpread {
  /** Share of the requests of (vhost, rule, target) that went to their two busiest paths. */
  readonly twoPaths: number;
  /** Share of the rule's decisive requests on the vhost that lie at this target, and on this path. */
  readonly targetShare: number;
  readonly pathShare: number;
  /** Different targets and paths with decisive requests of the rule on the vhost; targets with such on this path. */
  readonly targets: number;
  readonly paths: number;
  readonly pathTargets: number;
}

export interface CauseRecord extends CauseKey, CauseNumbers, CauseSpread {
  readonly id: number;
  readonly targetSeen: string;
  readonly pathSeen: string;
  readonly state: CauseState;
  readonly stateAt: EpochMs | null;
  readonly stateBy: string | null;
  readonly stateNote: string;
  /** For `ignored`: until so many ordinary visitors, who were `ignoreBase` then; null: without end. */
  readonly ignoreUntil: number | null;
  readonly ignoreBase: number | null;
  /** For `fixed` and `reopened`: the exclusion; null when it was fixed otherwise. */
  readonly fixedBy: number | null;
  readonly countedAt: EpochMs | null;
  readonly score: number;
  /** Share of the requests to its path that it flags; null while it was never counted. */
  readonly share: number | null;
  readonly shareAt: EpochMs | null;
}

interface TimeFields {
  readonly firstAt: number | null;
  readonly lastAt: number | null;
  readonly stateAt: number | null;
  readonly countedAt: number | null;
  readonly shareAt: number | null;
}

/** A row of `CAUSE_COLUMNS`: times are microseconds. */
export type CauseRow = Omit<CauseRecord, keyof TimeFields> & TimeFields;

/** The columns of a row, for SELECT. */
export const CAUSE_COLUMNS = `id, vhost, rule_id AS ruleId, target, path, target_seen AS targetSeen, path_seen AS pathSeen,
  state, state_at AS stateAt, state_by AS stateBy, state_note AS stateNote, ignore_until AS ignoreUntil,
  ignore_base AS ignoreBase, fixed_by AS fixedBy, counted_at AS countedAt, score, hits, refused, decisive, shaped,
  visitors, networks, ordinary, hostile, attack_hits AS attackHits, false_hits AS falseHits, first_at AS firstAt,
  last_at AS lastAt, two_paths AS twoPaths, target_share AS targetShare, path_share AS pathShare, targets, paths,
  path_targets AS pathTargets, share, share_at AS shareAt`;

/** What is shown: causes that hit in the window, and those that somebody put aside. Indexes name it word for word. */
export const LIVE = "(hits > 0 OR state = 'fixed' OR state = 'ignored')";

/** The record of a row. */
export function toCause(row: CauseRow): CauseRecord {
  const { firstAt, lastAt, stateAt, countedAt, shareAt } = row;
  return {
    ...row,
    firstAt: toMs(firstAt),
    lastAt: toMs(lastAt),
    stateAt: toMs(stateAt),
    countedAt: toMs(countedAt),
    shareAt: toMs(shareAt),
  };
}

function toMs(micros: number | null): EpochMs | null {
  return micros === null ? null : micros / 1000;
}
