// The page between a finding and its exclusion: what it frees, how wide it may be, the file, the form that applies it.
import type { FileView, Proposal, ScopeFields } from '../actions/exclusion-view.ts';
import { domainLink, pageLink, proposeLink, ruleLink } from './links.ts';
import { KIND_NAMES, scopeParams } from './scope-query.ts';
import type { DiffChunk } from './view-diff.ts';
import { fileChunks } from './view-diff.ts';
import type { VhostNames } from './view-domain.ts';
import { unwritableWords, vhostNames } from './view-domain.ts';
import type { LintView } from './view-exclusion-rows.ts';
import { lintViews } from './view-exclusion-rows.ts';
import type { RungView } from './view-ladder.ts';
import { rungViews, worksSomewhere } from './view-ladder.ts';
import type { PreviewView } from './view-preview.ts';
import { previewView } from './view-preview.ts';
import type { StatementView } from './view-raw.ts';
import { statementView } from './view-raw.ts';
import { FieldValue } from './view-text.ts';
import { duration } from './view-time.ts';

const DAYS = [1, 7, 30, 90] as const;
const MINUTES = [15, 30] as const;

/** A field of the form that applies, as it was sent, with what is wrong with it. */
export interface ApplyInput {
  readonly reason: string;
  readonly typed: string;
  /** A value of the select; null for the usual one. */
  readonly ends: string | null;
  readonly errors: ReadonlyMap<string, string>;
  /** What is wrong with no field of its own; empty for nothing. */
  readonly problem: string;
}

/** Nothing was sent yet. */
export const NOTHING_SENT: ApplyInput = { reason: '', typed: '', ends: null, errors: new Map(), problem: '' };

/** A choice of when it ends. */
export interface EndChoice {
  readonly value: string;
  readonly text: string;
  readonly selected: boolean;
}

/** What partials/apply-form.ejs needs. */
export interface ApplyForm {
  readonly action: string;
  readonly hidden: readonly { readonly name: string; readonly value: FieldValue }[];
  readonly steps: readonly string[];
  readonly reason: FieldValue;
  readonly reasonError: string;
  readonly ends: readonly EndChoice[];
  readonly endsError: string;
  readonly wantsTyped: boolean;
  readonly typed: FieldValue;
  readonly typedError: string;
  readonly problem: string;
  readonly vhost: string;
  readonly button: string;
  readonly back: string;
}

/** What views/propose.ejs needs. */
export interface ProposePage {
  readonly title: string;
  readonly crumbs: readonly { readonly href: string; readonly text: string }[];
  readonly headline: string;
  readonly words: string;
  readonly names: VhostNames;
  /** Null where the width would do nothing: then its numbers mean nothing. */
  readonly preview: PreviewView | null;
  readonly ladder: readonly RungView[];
  readonly tryPage: string;
  readonly engineOff: string | null;
  readonly otherScope: string;
  readonly checks: readonly LintView[];
  readonly caveats: readonly StatementView[];
  /** Null where the lines would not do what is meant. */
  readonly file: {
    readonly paths: readonly string[];
    readonly chunks: readonly DiffChunk[];
    readonly after: string;
    readonly isNew: boolean;
  } | null;
  readonly unwritable: string;
  /** Why the chosen width cannot be applied; empty when it can. */
  readonly refusals: readonly LintView[];
  /** Set when the width does not work anywhere. */
  readonly instead: { readonly lead: string; readonly text: string; readonly href: string } | null;
  readonly form: ApplyForm | null;
}

/** When an exclusion may end: minutes for the engine, days or never for the rest; the usual one is selected. */
export function endChoices(
  usual: Pick<Proposal, 'defaultDays' | 'mostMinutes'>,
  sent: string | null,
): readonly EndChoice[] {
  const { defaultDays, mostMinutes } = usual;
  if (mostMinutes !== null) {
    const minutes = [...MINUTES.filter((one) => one < mostMinutes), mostMinutes];
    return minutes.map((one) => ({
      value: `${one}m`,
      text: `after ${duration(one * 60_000)}`,
      selected: (sent ?? `${mostMinutes}m`) === `${one}m`,
    }));
  }
  const days = new Set<number>(DAYS);
  if (defaultDays !== null) days.add(defaultDays);
  const selected = sent ?? (defaultDays === null ? 'never' : `${defaultDays}d`);
  const choices = [...days]
    .toSorted((a, b) => a - b)
    .map((one) => ({ value: `${one}d`, text: one === 1 ? 'after 1 day' : `after ${one} days` }));
  return [...choices, { value: 'never', text: 'never' }].map((one) => ({
    ...one,
    selected: one.value === selected,
  }));
}

/** Epoch ms of a choice like `30d`, `60m`; null for `never`. Undefined for anything else. */
export function endOf(choice: string, now: number): number | null | undefined {
  if (choice === 'never') return null;
  const match = /^([1-9]\d{0,3})([dm])$/.exec(choice);
  return match === null ? undefined : now + Number(match[1]) * (match[2] === 'd' ? 86_400_000 : 60_000);
}

function took(ms: number | null): string {
  return ms === null ? '' : ` (${duration(ms)} last time)`;
}

function steps({ lastTestMs, lastReloadMs, preview }: Proposal): readonly string[] {
  const rule = preview.exclusion.ruleId;
  return [
    'Lock, read the files again, write all of them.',
    `Test the configuration${took(lastTestMs)}. If it fails, the old files come back and nothing is reloaded.`,
    `Reload Apache gracefully${took(lastReloadMs)}; running requests finish.`,
    `Ask the front page of the vhost once: it must answer as before.`,
    rule === null
      ? 'Count in the logs from then on whether it does what it should.'
      : `Count in the logs from then on: what is excluded of ${rule} must no longer appear.`,
  ];
}

/** Hidden fields that carry a scope. */
function hiddenScope(scope: ScopeFields): ApplyForm['hidden'] {
  return Object.entries(scopeParams(scope)).flatMap(([name, value]) =>
    value === null ? [] : [{ name, value: new FieldValue(String(value)) }],
  );
}

function applyForm(proposal: Proposal, sent: ApplyInput): ApplyForm {
  const { vhost } = proposal.vhost;
  return {
    action: pageLink('/exclude'),
    hidden: hiddenScope(proposal.preview.exclusion),
    steps: steps(proposal),
    reason: new FieldValue(sent.reason),
    reasonError: sent.errors.get('reason') ?? '',
    ends: endChoices(proposal, sent.ends),
    endsError: sent.errors.get('ends') ?? '',
    wantsTyped: proposal.typedConfirm,
    typed: new FieldValue(sent.typed),
    typedError: sent.errors.get('typed') ?? '',
    problem: sent.problem,
    vhost,
    button: `Apply to ${vhost}`,
    back: domainLink(vhost),
  };
}

function crumbs({ vhost, preview }: Proposal): ProposePage['crumbs'] {
  const { ruleId } = preview.exclusion;
  return [
    { href: pageLink('/domains'), text: 'Domains' },
    { href: domainLink(vhost.vhost), text: vhost.vhost },
    ...(ruleId === null ? [] : [{ href: ruleLink(ruleId), text: `Rule ${ruleId}` }]),
  ];
}

/** Where to go when the chosen width cannot work: the width that does, or the page with the rules that scored. */
function insteadOf({ ladder, chosen, instead, vhost }: Proposal): ProposePage['instead'] {
  const works = instead === null ? undefined : ladder[instead];
  if (works !== undefined)
    return { lead: 'What works instead:', text: works.scope.words, href: proposeLink(works.scope) };
  const addsUp = ladder[chosen]?.lint.some(({ code }) => code === 'adds-up') ?? false;
  const text = addsUp ? `The rules that scored on ${vhost.vhost}` : `Rules and causes of ${vhost.vhost}`;
  return { lead: 'Go on here:', text, href: domainLink(vhost.vhost) };
}

function fileOf({ paths, before, after }: FileView): NonNullable<ProposePage['file']> {
  return { paths, chunks: fileChunks(before, after), after, isNew: before === null };
}

/** Puts the page together; `sent` is what a form brought that was not applied. */
export function proposePage(
  proposal: Proposal,
  tab: { readonly show: string | null; readonly page: string | null },
  sent: ApplyInput,
): ProposePage {
  const { preview, writable, ladder, chosen } = proposal;
  const { exclusion } = preview;
  const rung = ladder[chosen];
  const isAllowed = rung?.allowed ?? false;
  const checks = rung?.lint ?? [];
  const { vhost, ruleId } = exclusion;
  return {
    title: `Preview: ${ruleId === null ? KIND_NAMES[exclusion.kind] : `rule ${ruleId}`}, ${vhost}`,
    crumbs: crumbs(proposal),
    names: vhostNames(proposal.vhost),
    ...(worksSomewhere(rung) ? worthPart(proposal, tab) : worthlessPart(proposal)),
    ladder: rungViews(ladder, chosen),
    tryPage: '/propose',
    engineOff: exclusion.kind === 'engine-off' ? null : proposeLink({ kind: 'engine-off', vhost }),
    otherScope: pageLink('/scope', { ...scopeParams(exclusion), kind: null }),
    unwritable: unwritableWords(writable),
    refusals: lintViews(checks.filter(({ level }) => level === 'refuse')),
    form: writable.ok && isAllowed ? applyForm(proposal, sent) : null,
  };
}

type Told = Pick<ProposePage, 'checks' | 'headline' | 'words' | 'preview' | 'caveats' | 'file' | 'instead'>;

function worthPart(
  { preview, file, server, ladder, chosen }: Proposal,
  tab: { readonly show: string | null; readonly page: string | null },
): Told {
  return {
    headline: preview.sentence,
    words: `With this exclusion: ${preview.exclusion.words}.`,
    preview: previewView(preview, tab, server.now),
    checks: lintViews((ladder[chosen]?.lint ?? []).filter(({ level }) => level !== 'refuse')),
    caveats: preview.caveats.map((one) => statementView(one, new Map())),
    file: fileOf(file),
    instead: null,
  };
}

/** Of what would do nothing there is nothing to show but the way on. */
function worthlessPart(proposal: Proposal): Told {
  return {
    headline: 'This cannot be excluded in this way.',
    words: `Asked for: ${proposal.preview.exclusion.words}.`,
    preview: null,
    checks: [],
    caveats: [],
    file: null,
    instead: insteadOf(proposal),
  };
}
