// An act on the firewall while it runs, when it has ended, and as a row of the ledger: what csf said, what its files show.
import type { FirewallActRow } from '../actions/firewall-ledger.ts';
import type { FirewallActView } from '../actions/firewall-view.ts';
import { ACT_WORDS } from '../actions/firewall-words.ts';
import type { FirewallActState, FirewallStep } from '../model-firewall.ts';
import { firewallActLink } from './firewall-query.ts';
import { explainLink, incidentLink, pageLink } from './links.ts';
import type { ActState, StepView } from './view-change.ts';
import { type LongText, longText } from './view-text.ts';
import { dayTime, duration, shortTime } from './view-time.ts';

type Tone = 'ok' | 'warn' | 'bad' | 'off';
type Ended = Exclude<FirewallActState, 'running'>;

const STATES: Readonly<Record<FirewallActState, { readonly tone: Tone; readonly words: string }>> = {
  running: { tone: 'off', words: 'running' },
  done: { tone: 'ok', words: 'done' },
  refused: { tone: 'warn', words: 'refused, nothing was changed' },
  failed: { tone: 'bad', words: 'went wrong' },
};

/** What is said beside the outcome where it is one sentence only. */
const BESIDE: Readonly<Record<Ended, string>> = {
  done: 'Done: csf’s own files show it.',
  refused: 'Refused: nothing was changed.',
  failed: 'It went wrong. The page Firewall says whether anything has to be looked at first.',
};

const NOTES: Readonly<Record<Ended, ActState['tone']>> = { done: 'ok', refused: 'warn', failed: 'attack' };

/** A row of the list of newest acts. */
export interface LedgerRowView {
  readonly href: string;
  readonly at: string;
  readonly who: string;
  readonly act: string;
  readonly target: string;
  readonly reason: LongText;
  readonly tone: Tone;
  readonly state: string;
}

/** What views/firewall-act.ejs needs; `facts` only of an act of the ledger. */
export interface FirewallActPage {
  readonly title: string;
  readonly crumb: string;
  readonly state: ActState;
  readonly facts: readonly { readonly name: string; readonly value: LongText; readonly mono: boolean }[];
}

/** An act as a row; `now` is the server's time. */
export function ledgerRow(act: FirewallActRow, now: string): LedgerRowView {
  const { tone, words } = STATES[act.state];
  return {
    href: actLink(act.id),
    at: shortTime(act.at, now),
    who: act.who,
    act: ACT_WORDS[act.act],
    target: act.target,
    reason: longText(act.reason, 160),
    tone,
    state: words,
  };
}

/** The permanent page of an act. */
export function actLink(id: number): string {
  return pageLink('/firewall/done', { id });
}

/** The page that watches an act. */
export function runPage(act: FirewallActView): FirewallActPage {
  const state = runState(act);
  return { title: state.heading, crumb: ACT_WORDS[act.act], state, facts: [] };
}

/** An act as it stands, for the page and for the script that asks for it again. */
export function runState(act: FirewallActView): ActState {
  const { id, target, ledgerId } = act;
  const poll = pageLink('/firewall/run/state', { id });
  const steps = act.steps.map(stepView);
  if (act.state === 'waiting' || act.state === 'running') {
    const heading = act.state === 'waiting' ? 'Waiting' : 'At work';
    return { busy: true, poll, heading, tone: '', sentence: '', now: act.now, steps, links: [], back: [] };
  }
  const permanent = ledgerId === null ? [] : [{ href: actLink(ledgerId), text: `Act ${ledgerId}` }];
  return {
    ...outcome(act.state, act.sentence),
    ...{ busy: false, poll, now: '', steps },
    links: [...storyLinks(target, null), ...permanent],
    back: backLinks(act),
  };
}

/** The permanent page of an act of the ledger. */
export function donePage(act: FirewallActRow): FirewallActPage {
  const isOpen = act.state === 'running';
  const state: ActState = {
    ...(act.state === 'running'
      ? {
          heading: `${ACT_WORDS[act.act]} of ${act.target} has no end yet.`,
          tone: 'warn',
          sentence: 'It runs, or was interrupted: the next act looks at csf’s files and closes it.',
        }
      : outcome(act.state, act.sentence)),
    ...{ busy: false, poll: '', now: '', steps: act.steps.map(stepView) },
    links: storyLinks(act.target, act.incident),
    back: isOpen ? [] : backLinks(act),
  };
  const fact = (name: string, value: string, mono = false): FirewallActPage['facts'][number] => ({
    name,
    value: longText(value),
    mono,
  });
  return {
    title: `Act ${act.id}`,
    crumb: `Act ${act.id}`,
    state,
    facts: [
      fact('Act', ACT_WORDS[act.act]),
      fact('Address', act.target, true),
      fact('When', dayTime(act.at)),
      fact('Who', act.who),
      fact('Reason', act.reason),
      ...act.commands.map((command) => fact('Command', command, true)),
      fact('Ended', STATES[act.state].words),
    ],
  };
}

/** The real outcome: its first sentence is the heading. */
function outcome(state: Ended, sentence: string | null): Pick<ActState, 'heading' | 'tone' | 'sentence'> {
  const [first, rest] = firstSentence(sentence ?? BESIDE[state]);
  return {
    heading: first,
    tone: NOTES[state],
    sentence: rest === '' && sentence !== null ? BESIDE[state] : rest,
  };
}

/**
 * The beginning of a text up to the first end of a sentence or colon, as a sentence, and the rest; addresses and file names have
 * dots and colons too, but no blank after them.
 */
function firstSentence(text: string): readonly [first: string, rest: string] {
  const end = text.search(/(?<=[\p{Ll}”)])[.:] /u);
  return end < 0 ? [text, ''] : [`${text.slice(0, end)}.`, text.slice(end + 2)];
}

function stepView({ shown, ok, text, ms }: FirewallStep): StepView {
  return { tone: ok ? 'ok' : 'bad', code: shown, text, ms: duration(ms) };
}

function storyLinks(target: string, incident: FirewallActRow['incident']): ActState['links'] {
  const story =
    incident !== null
      ? [{ href: incidentLink(incident.client, incident.from), text: 'The incident' }]
      : target.includes('/')
        ? []
        : [{ href: explainLink(target), text: `What is known of ${target}` }];
  return [...story, { href: pageLink('/firewall'), text: 'Firewall' }];
}

/** What takes an act back, where one does. */
function backLinks({
  act,
  target,
  state,
}: Pick<FirewallActView, 'act' | 'target' | 'state'>): ActState['back'] {
  if (state !== 'done') return [];
  if (act === 'allow' || act === 'temp-allow')
    return [{ href: firewallActLink({ act: 'disallow', target }), text: 'End the allow…' }];
  if (act === 'block' || act === 'temp-block')
    return [{ href: firewallActLink({ act: 'unblock', target }), text: 'Unblock…' }];
  return [];
}
