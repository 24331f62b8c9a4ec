// The words about marks: pure, for pages, terminal and evidence.
import type { VerdictLabel } from '../model.ts';
import type { Mark, MarkKind } from '../model-evidence.ts';
import type { Answer, BlockView, IsoTime } from './explanation.ts';
import { readableDay } from './iso-time.ts';

/** All kinds that an address can be marked as, in the order in which they are offered. */
export const MARK_KINDS: readonly MarkKind[] = [
  'monitor',
  'payment',
  'partner',
  'own-program',
  'false-alarm',
];

/** Whether a text names a kind. */
export function isMarkKind(text: string): text is MarkKind {
  return (MARK_KINDS as readonly string[]).includes(text);
}

const AS: Readonly<Record<MarkKind, string>> = {
  monitor: 'an uptime monitor',
  payment: 'a payment service',
  partner: 'a program of a partner',
  'own-program': 'a program of your own',
  'false-alarm': 'a false alarm',
};

const TAGS: Readonly<Record<MarkKind, string>> = {
  monitor: 'your monitor',
  payment: 'your payment service',
  partner: 'your partner',
  'own-program': 'your program',
  'false-alarm': 'your false alarm',
};

const LABELS: Readonly<Record<VerdictLabel, string>> = {
  attack: 'attack',
  'false-positive': 'false positive',
  unclear: 'unclear',
  local: 'the server itself',
  'not-attributable': 'a proxy that many share',
};

/** A kind with its article, for "You marked it as …". */
export function markAs(kind: MarkKind): string {
  return AS[kind];
}

/** A kind as a tag beside a row: `your monitor`. */
export function markTag(kind: MarkKind): string {
  return TAGS[kind];
}

/** Why an address is known, as a sentence without its full stop; a net is named, since the mark is not about the address alone. */
export function knownWords({ kind, about }: Pick<Mark, 'kind' | 'about'>): string {
  return `You marked ${about.includes('/') ? about : 'it'} as ${AS[kind]}`;
}

/** A mark with its time as the server's clock had it. */
export interface SaidMark {
  readonly kind: MarkKind;
  readonly about: string;
  readonly at: IsoTime;
}

/** Whether a mark was made before an incident began: it was not said of that incident. */
function isOlder(mark: SaidMark, from: IsoTime | null): boolean {
  return from !== null && Date.parse(mark.at) < Date.parse(from);
}

/**
 * What was said of an address and what the model says beside it, one sentence each: "You said on 22 Nov 2026: a false
 * alarm." and "The model says: unclear." The second is there for a false alarm, which the model does not count, and
 * where it calls a known program an attack. `from` is the start of the incident that is shown.
 */
export function saidSentences(
  marks: readonly SaidMark[],
  label: VerdictLabel | null,
  from: IsoTime | null,
): string[] {
  const said = marks.map((mark) => {
    const net = mark.about.includes('/') ? ` of ${mark.about}` : '';
    const before = mark.kind === 'false-alarm' && isOlder(mark, from) ? ', before this incident' : '';
    return `You said${net} on ${readableDay(mark.at)}${before}: ${AS[mark.kind]}.`;
  });
  const asks = marks.some(({ kind }) => kind === 'false-alarm' || label === 'attack');
  return label === null || !asks ? said : [...said, `The model says: ${LABELS[label]}.`];
}

/**
 * The answer to "Unblock it?" after the admin's word: a false alarm that was said of this incident frees, whatever the
 * model says. Unchanged where nothing is blocked, where ModSecurity is not the reason, and where the incident began
 * after the word.
 */
export function unblockByWord(
  answer: Answer,
  marks: readonly SaidMark[],
  about: {
    readonly label: VerdictLabel;
    readonly block: BlockView | null;
    readonly from: IsoTime | null;
  },
): Answer {
  const { label, block, from } = about;
  const isSaid = marks.some((mark) => mark.kind === 'false-alarm' && !isOlder(mark, from));
  if (!isSaid || block?.state === 'none' || block?.notWaf === true) return answer;
  const again = 'The rules stay in place: the same requests would block it again until one is changed.';
  return {
    short: 'Yes: you said it was a false alarm',
    long: label === 'attack' ? `The model says: attack. Look at its reasons first. ${again}` : again,
  };
}
