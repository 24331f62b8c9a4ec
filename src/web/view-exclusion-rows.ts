// Exclusions of ours, those that others left, and files that were changed by hand: as rows and notes of any page.
import type { DriftView, ExclusionView, FoundView, LintItem } from '../actions/exclusion-view.ts';
import { domainLink, exclusionLink, pageLink } from './links.ts';
import type { DiffChunk } from './view-diff.ts';
import { patchChunks } from './view-diff.ts';
import type { LongText } from './view-text.ts';
import { counted, longText } from './view-text.ts';
import { shortTime } from './view-time.ts';

/** A check or a warning with its mark. */
export interface LintView {
  readonly tone: 'ok' | 'warn' | 'bad';
  readonly text: string;
}

/** What partials/exclusion-rows.ejs needs of one. */
export interface ExclusionRowView {
  readonly href: string;
  readonly name: string;
  readonly words: LongText;
  readonly vhost: string;
  readonly vhostHref: string;
  readonly state: string;
  readonly reason: LongText;
  readonly by: string;
  readonly used: string;
  readonly ends: string;
  readonly warnings: readonly LintView[];
  /** Where it is taken back; null when it has ended. */
  readonly back: string | null;
}

/** What partials/found-rows.ejs needs of one. */
export interface FoundRowView {
  readonly href: string;
  readonly words: LongText;
  readonly where: string;
  readonly whereHref: string | null;
  readonly maker: string;
  readonly places: readonly string[];
  readonly warnings: readonly LintView[];
  /** Why it cannot be taken over; empty when it can. */
  readonly stays: string;
}

/** What partials/drift-notes.ejs needs of one. */
export interface DriftNoteView {
  readonly id: string;
  readonly vhost: string;
  readonly vhostHref: string;
  readonly title: string;
  readonly text: string;
  readonly paths: readonly string[];
  readonly diff: readonly DiffChunk[];
  readonly choices: readonly { readonly value: 'adopt' | 'keep'; readonly text: string }[];
}

const TONES = { refuse: 'bad', warn: 'warn', ok: 'ok' } as const;
const MAKERS: Readonly<Record<FoundView['maker'], string>> = {
  cmc: 'left by ConfigServer ModSec Control',
  whm: 'switched off in WHM',
  hand: 'written by hand',
};
const DRIFT_TITLES: Readonly<Record<DriftView['kind'], string>> = {
  edited: 'was changed by hand',
  missing: 'is missing',
  foreign: 'is not known to this database',
  'not-included': 'is not included by Apache',
  orphaned: 'belongs to a vhost that is gone',
};
/** Places of a find that are named in a row. */
const MOST_PLACES = 3;

/** Checks as they are listed, in the order given. */
export function lintViews(items: readonly LintItem[]): readonly LintView[] {
  return items.map(({ level, text }) => ({ tone: TONES[level], text }));
}

/** How often it let something pass, and when last. Null is never zero: then no log tells. */
export function usedWords({ uses, lastUse }: ExclusionView, now: string): string {
  if (uses === null) return 'not known';
  if (uses === 0) return 'not yet';
  return `${counted(uses, 'time')}${lastUse === null ? '' : `, last ${shortTime(lastUse, now)}`}`;
}

const STATES: Readonly<Record<ExclusionView['state'], string>> = {
  active: 'in force',
  expired: 'ended by itself',
  reverted: 'taken back',
};

/** Whether it is in force, and if not, since when and why. */
export function stateWords({ state, endedAt }: ExclusionView, now: string): string {
  return endedAt === null ? STATES[state] : `${STATES[state]}, ${shortTime(endedAt, now)}`;
}

/** When it ends. */
export function endsWords({ expiresAt, state }: ExclusionView, now: string): string {
  if (state !== 'active') return '';
  return expiresAt === null ? 'when taken back' : shortTime(expiresAt, now);
}

/** Warnings of an exclusion; hits that should not be there any more come first. */
export function exclusionWarnings({ furtherHits, warnings }: ExclusionView): readonly LintView[] {
  const further: readonly LintView[] =
    furtherHits === null || furtherHits === 0
      ? []
      : [
          {
            tone: 'bad',
            text: `${counted(furtherHits, 'further hit')} of what it switches off since it is in force: it does not work as it should.`,
          },
        ];
  return [...further, ...lintViews(warnings)];
}

/** A row of an exclusion; `now` is the server's time. */
export function exclusionRow(one: ExclusionView, now: string): ExclusionRowView {
  const href = exclusionLink(one.id);
  return {
    href,
    name: `Exclusion ${one.id}`,
    words: longText(one.scope.words, 200),
    vhost: one.scope.vhost,
    vhostHref: domainLink(one.scope.vhost),
    state: one.state === 'active' ? '' : stateWords(one, now),
    reason: longText(one.reason, 160),
    by: `${one.author}, ${shortTime(one.createdAt, now)}`,
    used: usedWords(one, now),
    ends: endsWords(one, now),
    warnings: exclusionWarnings(one),
    back: one.state === 'active' ? `${href}#h-back` : null,
  };
}

/** Where a find stands: its vhost, its account or the whole server. */
function whereWords({ vhost, account }: FoundView): string {
  if (vhost !== null) return vhost;
  return account === null ? 'whole server' : `account ${account}`;
}

/** A row of what somebody else left. */
export function foundRow(one: FoundView): FoundRowView {
  const shown = one.places.slice(0, MOST_PLACES).map(({ file, line }) => `${file}:${line}`);
  const more = one.places.length - shown.length;
  return {
    href: pageLink('/found', { key: one.key }),
    words: longText(one.words, 200),
    where: whereWords(one),
    whereHref: one.vhost === null ? null : domainLink(one.vhost),
    maker: MAKERS[one.maker],
    places: more > 0 ? [...shown, `and ${counted(more, 'more place')}`] : shown,
    warnings: lintViews(one.warnings),
    stays: one.scopes.length > 0 ? '' : (one.adoptWhy ?? 'It cannot be taken over.'),
  };
}

/** A note about a file of ours; only one that was changed by hand leaves a choice. */
export function driftNote(one: DriftView, index: number): DriftNoteView {
  const adopt = one.adoptable ? [{ value: 'adopt', text: 'Adopt what it says' } as const] : [];
  const keep = one.kind === 'edited' ? [{ value: 'keep', text: 'Keep it as it is' } as const] : [];
  return {
    id: `drift-${index + 1}`,
    vhost: one.vhost,
    vhostHref: domainLink(one.vhost),
    title: `The file of ${one.vhost} ${DRIFT_TITLES[one.kind]}.`,
    text: one.text,
    paths: one.paths,
    diff: patchChunks(one.diff),
    choices: [...adopt, ...keep],
  };
}
