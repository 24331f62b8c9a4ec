// One change of the ledger, and an act while it runs: what happened step by step, the bytes before and after.
import type { ActView, ChangeView } from '../actions/exclusion-view.ts';
import { changeLink, domainLink, exclusionLink, pageLink } from './links.ts';
import type { DiffChunk } from './view-diff.ts';
import { fileChunks } from './view-diff.ts';
import type { LongText } from './view-text.ts';
import { counted, longText } from './view-text.ts';
import { dayTime, duration, shortTime } from './view-time.ts';

type Tone = 'ok' | 'warn' | 'bad' | 'off';

interface NamedLink {
  readonly href: string;
  readonly text: string;
}

/** What partials/act-steps.ejs needs of one. */
export interface StepView {
  readonly tone: Tone;
  /** The command that it ran. */
  readonly code?: string;
  readonly text: string;
  readonly ms: string;
}

/** A change as a row of the list. */
export interface ChangeRowView {
  readonly href: string;
  readonly at: string;
  readonly who: string;
  readonly act: string;
  readonly vhosts: string;
  readonly reason: LongText;
  readonly tone: Tone;
  readonly state: string;
}

/** What views/change.ejs needs. */
export interface ChangePage {
  readonly title: string;
  readonly headline: string;
  readonly at: string;
  readonly who: string;
  readonly reason: LongText;
  readonly tone: Tone;
  readonly state: string;
  readonly undo: string;
  readonly steps: readonly StepView[];
  readonly files: readonly {
    readonly name: string;
    readonly path: string;
    readonly what: string;
    readonly chunks: readonly DiffChunk[];
    readonly id: string;
    readonly before: string | null;
  }[];
  readonly vhosts: readonly NamedLink[];
  readonly exclusions: readonly NamedLink[];
}

/** What partials/act-state.ejs needs. */
export interface ActState {
  readonly busy: boolean;
  readonly poll: string;
  readonly heading: string;
  readonly tone: 'ok' | 'warn' | 'attack' | '';
  readonly sentence: string;
  readonly now: string;
  readonly steps: readonly StepView[];
  readonly links: readonly NamedLink[];
  readonly back: readonly NamedLink[];
}

/** Vhosts of one change that are linked. */
const MOST_VHOSTS = 20;

const ACTS: Readonly<Record<ChangeView['act'], string>> = {
  apply: 'Applied',
  revert: 'Taken back',
  expire: 'Ended by itself',
  edit: 'Changed',
  adopt: 'Adopted',
};
const STATES: Readonly<Record<ChangeView['state'], { readonly tone: Tone; readonly words: string }>> = {
  running: { tone: 'off', words: 'running' },
  done: { tone: 'ok', words: 'done' },
  'rolled-back': { tone: 'bad', words: 'not done, everything is as it was' },
  interrupted: { tone: 'warn', words: 'interrupted, the next act or start mends it' },
  failed: { tone: 'bad', words: 'failed' },
};

function vhostWords(vhosts: readonly string[]): string {
  return vhosts.length > 3 ? counted(vhosts.length, 'vhost') : vhosts.join(', ');
}

function stepViews(steps: ChangeView['steps']): readonly StepView[] {
  return steps.map(({ ok, text, ms }) => ({ tone: ok ? 'ok' : 'bad', text, ms: duration(ms) }));
}

/** A change as a row; `now` is the server's time. */
export function changeRow(change: ChangeView, now: string): ChangeRowView {
  const { tone, words } = STATES[change.state];
  return {
    href: changeLink(change.id),
    at: shortTime(change.at, now),
    who: change.who,
    act: `${ACTS[change.act]} (change ${change.id})`,
    vhosts: vhostWords(change.vhosts),
    reason: longText(change.reason, 160),
    tone,
    state: words,
  };
}

function vhostLinks(vhosts: readonly string[]): readonly NamedLink[] {
  return vhosts.slice(0, MOST_VHOSTS).map((vhost) => ({ href: domainLink(vhost), text: vhost }));
}

function exclusionLinks(ids: readonly number[]): readonly NamedLink[] {
  return ids.slice(0, MOST_VHOSTS).map((id) => ({ href: exclusionLink(id), text: `Exclusion ${id}` }));
}

function fileWords(before: string | null, after: string | null): string {
  if (before === null) return 'new file';
  if (after === null) return 'file taken away';
  return before === after ? 'unchanged' : 'changed';
}

/** The page of a change. */
export function changePage(change: ChangeView): ChangePage {
  const { tone, words } = STATES[change.state];
  return {
    title: `Change ${change.id}`,
    headline: `Change ${change.id}: ${ACTS[change.act].toLowerCase()} on ${vhostWords(change.vhosts) || 'no vhost'}`,
    at: dayTime(change.at),
    who: change.who,
    reason: longText(change.reason),
    tone,
    state: words,
    undo: change.undo,
    steps: stepViews(change.steps),
    files: change.files.map(({ path, before, after }, index) => ({
      name: `file ${index + 1}`,
      path,
      what: fileWords(before, after),
      chunks: fileChunks(before, after),
      id: `before-${index + 1}`,
      before,
    })),
    vhosts: vhostLinks(change.vhosts),
    exclusions: exclusionLinks(change.exclusions),
  };
}

const HEADINGS: Readonly<Record<ActView['state'], string>> = {
  waiting: 'Waiting',
  running: 'At work',
  done: 'Done',
  failed: 'Not done',
};

/** Where one goes after an act: what it was about, and the way back. */
function actLinks({ change, exclusionIds }: ActView): Pick<ActState, 'links' | 'back'> {
  if (change === null) return { links: [{ href: pageLink('/exclusions'), text: 'Exclusions' }], back: [] };
  const [first, ...others] = exclusionIds;
  const canTakeBack = change.state === 'done' && ['apply', 'edit', 'adopt'].includes(change.act);
  return {
    links: [
      ...vhostLinks(change.vhosts),
      ...exclusionLinks(exclusionIds),
      { href: changeLink(change.id), text: `Change ${change.id}: the bytes before and after` },
    ],
    back:
      canTakeBack && first !== undefined && others.length === 0
        ? [{ href: `${exclusionLink(first)}#h-back`, text: 'Take back\u2026' }]
        : [],
  };
}

/** An act as it stands. */
export function actState(act: ActView): ActState {
  const busy = act.state === 'waiting' || act.state === 'running';
  const tone = { waiting: '', running: '', done: 'ok', failed: 'attack' } as const;
  const steps = act.change?.steps ?? [];
  return {
    busy,
    poll: pageLink('/act/state', { id: act.id }),
    heading: HEADINGS[act.state],
    tone: tone[act.state],
    sentence: act.sentence ?? '',
    now: busy ? act.now : '',
    steps: stepViews(steps),
    ...(busy ? { links: [], back: [] } : actLinks(act)),
  };
}
