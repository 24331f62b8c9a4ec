// What `doctor` finds, as page, terminal and JSON show it.
import type { IsoTime, ServerView } from './explanation.ts';

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

/** One file of a source that is written now. */
export interface SourceFile {
  /** The server's own path. */
  readonly path: string;
  /** The form that it is written in; null where it cannot be seen. */
  readonly format: string | null;
  readonly problem: string | null;
  readonly bytes: number;
  /** Bytes that are not read yet; null where only lines that are asked about are read. */
  readonly unreadBytes: number | null;
  readonly lastLine: IsoTime | null;
}

/** One source of what is told; its check has the same id. Texts as in Check. */
export interface SourceReport extends Omit<Check, 'group'> {
  /** The forms of its files, e.g. `native (ModSecurity 2), JSON`. */
  readonly format: string | null;
  /** True when there is a file and none of them refuses to be read. */
  readonly readable: boolean;
  readonly files: readonly SourceFile[];
  /** Files beyond those in `files`. */
  readonly moreFiles: number;
  readonly rotatedFiles: number;
  /** Of logs that are read only when they are asked about: when one changed last. */
  readonly lastLine: IsoTime | null;
  /** Seconds from the last line to now. */
  readonly lagSeconds: number | null;
  readonly unreadBytes: number | null;
  /** Lines (of an audit log records) that were read. */
  readonly lines: number | null;
  /** Those of them that were not understood; of logs that are read only when they are asked about, among the last lines. */
  readonly refused: number | null;
  /** At most three lines that were not understood, masked. */
  readonly samples: readonly string[];
}

export interface DoctorReport {
  readonly checks: readonly Check[];
  readonly sources: readonly SourceReport[];
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
