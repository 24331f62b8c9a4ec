// One exclusion of ours with the forms that change it, and one that somebody else left with the form that takes it over.
import type { ExclusionDetail, FoundDetail } from '../actions/exclusion-list-view.ts';
import type { ExclusionView, ScopeView } from '../actions/exclusion-view.ts';
import { pageLink, proposeLink, ruleLink } from './links.ts';
import type { ChangeRowView } from './view-change.ts';
import { changeRow } from './view-change.ts';
import { unwritableWords } from './view-domain.ts';
import type { ExclusionRowView, FoundRowView, LintView } from './view-exclusion-rows.ts';
import { endsWords, exclusionRow, foundRow, stateWords } from './view-exclusion-rows.ts';
import type { EndChoice } from './view-propose.ts';
import { endChoices } from './view-propose.ts';
import { counted, FieldValue, whole } from './view-text.ts';
import { dayTime } from './view-time.ts';

/** The engine is never off for longer. */
const ENGINE_MINUTES = 60;

/** What views/exclusion.ejs needs. */
export interface ExclusionPage {
  readonly title: string;
  readonly headline: string;
  readonly id: number;
  readonly row: ExclusionRowView;
  readonly isActive: boolean;
  readonly state: string;
  readonly made: string;
  readonly ends: string;
  readonly further: string;
  readonly form: string;
  readonly ruleHref: string | null;
  readonly ruleId: string;
  /** Where the same is proposed again, once it has ended. */
  readonly again: string;
  readonly reason: FieldValue;
  readonly endChoices: readonly EndChoice[];
  readonly edit: string;
  readonly revert: string;
  readonly changes: readonly ChangeRowView[];
  readonly unwritable: string;
  readonly warnings: readonly LintView[];
}

/** What views/found.ejs needs. */
export interface FoundPage {
  readonly title: string;
  readonly row: FoundRowView;
  readonly key: string;
  readonly lines: readonly { readonly place: string; readonly text: string }[];
  readonly scopes: readonly { readonly words: string; readonly href: string }[];
  readonly adopt: string;
  readonly unwritable: string;
}

/** Whether the logs show it to work: hits that should be gone, of all requests with hits since then. */
function furtherWords({ furtherHits, furtherRequests }: ExclusionView): string {
  if (furtherHits === null) return 'not known: no log tells yet';
  const all = furtherRequests === null ? '' : ` of ${counted(furtherRequests, 'request')} with rule hits`;
  if (furtherHits > 0) return `${whole(furtherHits)}${all}: it does not work as it should`;
  return furtherRequests === null || furtherRequests === 0
    ? 'none; no request has tried it yet'
    : `0${all}: it works`;
}

function formWords({ form }: ScopeView): string {
  return form === 'ctl'
    ? 'a rule of ours; its end is written into it, so it ends without a reload'
    : 'a directive of the vhost; it ends when Whyblocked\u2019s service takes it out of the file';
}

function choices(one: ExclusionView): readonly EndChoice[] {
  const usual =
    one.scope.kind === 'engine-off'
      ? { defaultDays: null, mostMinutes: ENGINE_MINUTES }
      : { defaultDays: null, mostMinutes: null };
  const same = one.expiresAt === null ? 'as now: when taken back' : `as now: ${dayTime(one.expiresAt)}`;
  const others = endChoices(usual, 'same').filter(
    ({ value }) => !(value === 'never' && one.expiresAt === null),
  );
  return [
    { value: 'same', text: same, selected: true },
    ...others.map((choice) => ({
      ...choice,
      text: choice.value === 'never' ? 'when taken back' : `${choice.text} from now`,
    })),
  ];
}

/** The page of an exclusion, with the changes that it was part of. */
export function exclusionPage({ exclusion: one, changes, server, writable }: ExclusionDetail): ExclusionPage {
  const row = exclusionRow(one, server.now);
  return {
    title: `Exclusion ${one.id}`,
    headline: `Exclusion ${one.id}: ${one.scope.words}`,
    id: one.id,
    row,
    isActive: one.state === 'active',
    state: stateWords(one, server.now),
    made: `${dayTime(one.createdAt)}, ${one.author}`,
    ends: one.expiresAt === null ? endsWords(one, server.now) : dayTime(one.expiresAt),
    further: furtherWords(one),
    form: formWords(one.scope),
    ruleHref: one.scope.ruleId === null ? null : ruleLink(one.scope.ruleId),
    ruleId: one.scope.ruleId ?? '',
    again: proposeLink(one.scope),
    reason: new FieldValue(one.reason),
    endChoices: choices(one),
    edit: pageLink('/exclusion/edit'),
    revert: pageLink('/revert'),
    changes: changes.map((change) => changeRow(change, server.now)),
    unwritable: unwritableWords(writable),
    warnings: row.warnings,
  };
}

/** The page of what somebody else left. */
export function foundPage({ found: one, writable }: FoundDetail): FoundPage {
  return {
    title: one.vhost === null ? 'Left by others' : `Left by others on ${one.vhost}`,
    row: foundRow(one),
    key: one.key,
    lines: one.places.map(({ file, line, text }) => ({ place: `${file}:${line}`, text })),
    scopes: one.scopes.map((scope) => ({ words: scope.words, href: proposeLink(scope) })),
    adopt: pageLink('/adopt'),
    unwritable: unwritableWords(writable),
  };
}
