// What `doctor` finds, as page, terminal and JSON show it.
import type { ServerView } from './explanation.ts';

export const GROUPS = [
  'program',
  'cpanel',
  'whm',
  'logs',
  'modsecurity',
  'apache',
  'csf',
  'service',
] as const;

export type CheckGroup = (typeof GROUPS)[number];

/** `unknown`: it could not be looked at; `info`: neither good nor bad. */
export type CheckState = 'ok' | 'info' | 'warn' | 'fail' | 'unknown';

/** One thing that was looked at. Texts are plain and may hold what strangers named: escape them. */
export interface Check {
  readonly id: string;
  readonly group: CheckGroup;
  readonly state: CheckState;
  readonly title: string;
  /** What was seen. */
  readonly found: string;
  /** What follows from it. */
  readonly means: string;
  /** What to do; null when there is nothing to do. */
  readonly mend: string | null;
}

export interface DoctorReport {
  readonly checks: readonly Check[];
  readonly counts: Readonly<Record<CheckState, number>>;
  /** One sentence. */
  readonly headline: string;
  readonly server: ServerView;
}

/** What the page learned through WHM, kept until it is learned anew. */
export interface WhmSeen {
  /** When a page was last asked for through WHM, epoch ms. */
  readonly at: number;
  /** Names of the bridge's environment, without values; null when the bridge did not tell. */
  readonly names: readonly string[] | null;
  /** Facts of the bridge's environment, e.g. `script=cpsess`. */
  readonly facts: readonly string[];
  /** Whether WHM's header and menu were put around the page. */
  readonly chrome: boolean;
  /** Trials by name: epoch ms when they began, and what came back. */
  readonly trials: Readonly<Record<string, { readonly at: number; readonly result: string | null }>>;
}

type Body = Pick<Check, 'state' | 'found' | 'means'> & { readonly mend?: string | null };

/** Makes the checks of one group. */
export function checksOf(group: CheckGroup): (id: string, title: string, body: Body) => Check {
  return (id, title, { state, found, means, mend = null }) => ({
    id,
    group,
    state,
    title,
    found,
    means,
    mend,
  });
}
