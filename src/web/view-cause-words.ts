// What all pages of causes have in common: whose requests a cause is, what its rule looked at, its state, its numbers.
import type { CauseRow, CauseTone } from '../actions/causes-view.ts';
import type { CauseState } from '../model-evidence.ts';
import { causeIdLink, domainLink, proposeLink, ruleLink } from './links.ts';
import type { LongText } from './view-text.ts';
import { longText, signed, whole } from './view-text.ts';

/** How much of a target or a path a row shows at once. */
const SHORT = 100;
const SENTENCE = 260;

/** A tint with its letters and words: never the tint alone. */
export interface ToneView {
  readonly css: 'fp2' | 'fp1' | 'un' | 'at';
  readonly letters: string;
  readonly words: string;
}

const TONES: Readonly<Record<CauseTone, ToneView>> = {
  'false-alarms': { css: 'fp2', letters: 'FP', words: 'mostly false alarms' },
  some: { css: 'fp1', letters: 'fp', words: 'some false alarms' },
  unclear: { css: 'un', letters: '?', words: 'unclear' },
  attacks: { css: 'at', letters: 'att', words: 'mostly attacks' },
};

/** The tint of a tone. */
export function toneView(tone: CauseTone): ToneView {
  return TONES[tone];
}

/** All tints, for the legend. */
export const ALL_TONES: readonly ToneView[] = Object.values(TONES);

/** What each state is called. */
export const STATE_NAMES: Readonly<Record<CauseState, string>> = {
  new: 'new',
  known: 'known',
  ignored: 'ignored',
  fixed: 'fixed',
  reopened: 'came back',
};

const BANDS: Readonly<Record<CauseRow['band'], string>> = {
  noisy: 'noisy',
  watch: 'watch',
  leave: 'leave',
};

/** A vhost's name; host names that nobody here owns stand together. */
export function vhostWords(vhost: string): string {
  return vhost === '' ? 'other host names' : vhost;
}

/** A number with one decimal and a real minus: `4.6`, `−2.0`. */
export function scoreText(score: number): string {
  const text = Math.abs(score).toFixed(1);
  return score < 0 && Number(text) !== 0 ? `\u2212${text}` : text;
}

/** A share from 0 to 1: `6 %`; `under 1 %` instead of a zero that is none. */
export function shareText(share: number): string {
  const value = share * 100;
  if (value > 0 && value < 1) return 'under 1\u00a0%';
  if (value > 99 && value < 100) return 'over 99\u00a0%';
  return `${value < 10 && !Number.isInteger(value) ? value.toFixed(1) : Math.round(value)}\u00a0%`;
}

const PLACES: readonly (readonly [RegExp, string])[] = [
  [/^REQUEST_COOKIES:(.+)$/s, 'the cookie'],
  [/^REQUEST_HEADERS:(.+)$/s, 'the header'],
  [/^ARGS(?:_GET|_POST)?:(.+)$/s, 'the field'],
  [/^FILES:(.+)$/s, 'the upload'],
];

/** What a rule looked at, for a sentence: `the cookie consent_prefs`, `the field message`; the log's own name of others. */
export function targetWords(target: string | null): string {
  if (target === null) return 'something that the logs do not name';
  for (const [pattern, words] of PLACES) {
    const name = pattern.exec(target)?.[1];
    if (name !== undefined) return `${words} ${cut(name, SHORT)}`;
  }
  return cut(target, SHORT);
}

/** What there is to say of a state beside its name: `until 3 more visitors`. */
export function stateRest({ state, stateWords }: Pick<CauseRow, 'state' | 'stateWords'>): string {
  const name = STATE_NAMES[state];
  return stateWords.startsWith(name) ? stateWords.slice(name.length).replace(/^[\s:,]+/, '') : stateWords;
}

/** The start of a text; what is left out is said by an ellipsis. */
export function cut(text: string, most: number): string {
  const { start, rest } = longText(text, most);
  return rest === null ? start : `${start}\u2026`;
}

/** What the partials `cause-table` and `cause-others` need of one cause. */
export interface CauseEntry {
  readonly href: string;
  readonly tone: ToneView;
  readonly ruleId: string;
  readonly ruleTitle: string;
  readonly ruleHref: string;
  readonly vhost: string;
  readonly vhostHref: string | null;
  readonly target: LongText;
  readonly path: LongText;
  readonly visitors: string;
  readonly ordinary: string;
  readonly blocked: string;
  readonly hits: string;
  readonly refused: string;
  readonly decisive: string;
  readonly attacks: string;
  readonly attackShare: string;
  readonly score: string;
  readonly band: string;
  readonly parts: readonly { readonly words: string; readonly value: string }[];
  readonly advice: LongText;
  readonly risk: LongText;
  /** Where the advised width is tried; null where nothing is advised. */
  readonly preview: string | null;
  readonly state: string;
  readonly stateWords: LongText;
}

/** Where the advised width of a cause is tried; null where nothing is to be excluded. */
export function advisedLink({ advice, vhost, ruleId, target, path }: CauseRow): string | null {
  const { scope } = advice;
  if (scope === null || vhost === '') return null;
  return proposeLink({
    kind: scope,
    vhost,
    ruleId,
    target: scope.startsWith('target') ? target : null,
    path: scope.endsWith('path') ? path : null,
  });
}

/** A cause as a row. */
export function causeEntry(cause: CauseRow): CauseEntry {
  const { vhost, ruleId, attackHits, attackShare, advice } = cause;
  return {
    href: causeIdLink(cause.id),
    tone: toneView(cause.tone),
    ruleId,
    ruleTitle: cut(cause.title, SHORT),
    ruleHref: ruleLink(ruleId),
    vhost: vhostWords(vhost),
    vhostHref: vhost === '' ? null : domainLink(vhost),
    target: longText(cause.target ?? 'target not in the logs', SHORT),
    path: longText(cause.path ?? 'path not in the logs', SHORT),
    visitors: whole(cause.visitors),
    ordinary: whole(cause.ordinary),
    blocked: whole(cause.blockedNow),
    hits: whole(cause.hits),
    refused: whole(cause.refused),
    decisive: whole(cause.decisive),
    attacks: whole(attackHits),
    attackShare: shareText(attackShare),
    score: scoreText(cause.score),
    band: BANDS[cause.band],
    parts: cause.scoreParts.map(({ words, value }) => ({ words, value: signed(value) })),
    advice: longText(advice.words, SENTENCE),
    risk: longText(advice.risk, SENTENCE),
    preview: advisedLink(cause),
    state: STATE_NAMES[cause.state],
    stateWords: longText(stateRest(cause), SENTENCE),
  };
}
