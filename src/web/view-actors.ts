// The visitors behind one address, each with its own verdict and what decided it.
import type { ActorView } from '../actions/explanation.ts';
import { evidenceItem, type EvidenceItem } from './view-evidence.ts';
import { counted, longText, type LongText } from './view-text.ts';
import { verdictMark, type VerdictMark } from './view-verdict.ts';

interface ActorCard {
  readonly mark: VerdictMark;
  /** Its program, or what stands for it. */
  readonly name: string;
  readonly agents: readonly LongText[];
  readonly requests: string;
  readonly words: string;
  /** What counted, heaviest first. */
  readonly items: readonly EvidenceItem[];
  readonly anchor: string;
}

export interface ActorsView {
  readonly title: string;
  readonly actors: readonly ActorCard[];
}

const MOST_ITEMS = 8;

/** The card of the visitors; null where they were not told apart. */
export function actorsView(
  actors: readonly ActorView[],
  anchors: ReadonlyMap<string, string>,
): ActorsView | null {
  if (actors.length < 2) return null;
  return {
    title: `${counted(actors.length, 'visitor')} behind this address`,
    actors: actors.map((actor, index) => ({
      mark: verdictMark(actor.verdict, true),
      name: nameOf(actor.agents),
      agents: actor.agents.map((agent) => longText(agent, 160)),
      requests: counted(actor.requests, 'flagged request'),
      words: actor.verdict.words,
      items: telling(actor, anchors),
      anchor: `actor-${index + 1}`,
    })),
  };
}

const BROWSERS: readonly (readonly [RegExp, string])[] = [
  [/\bEdg(?:e|A|iOS)?\/(\d+)/, 'Edge'],
  [/\bOPR\/(\d+)/, 'Opera'],
  [/\b(?:Firefox|FxiOS)\/(\d+)/, 'Firefox'],
  [/\b(?:Chrome|CriOS)\/(\d+)/, 'Chrome'],
  [/\bVersion\/(\d+)[\d.]* (?:Mobile\/\w+ )?Safari\//, 'Safari'],
];

/** `Firefox 140`, the first word of another program, or what is said of several. */
function nameOf(agents: readonly string[]): string {
  const [first] = agents;
  if (first === undefined) return 'A program without a name';
  if (agents.length > 1) return `All others: ${counted(agents.length, 'program')}`;
  for (const [re, name] of BROWSERS) {
    const version = re.exec(first)?.[1];
    if (version !== undefined) return `${name} ${version}`;
  }
  return longText(first.split(/[\s/(]/, 1)[0] ?? first, 40).start;
}

function telling({ evidence }: ActorView, anchors: ReadonlyMap<string, string>): EvidenceItem[] {
  return evidence
    .filter(({ status }) => status === 'present')
    .toSorted((a, b) => Math.abs(b.weight) - Math.abs(a.weight))
    .slice(0, MOST_ITEMS)
    .map((item) => evidenceItem(item, anchors));
}
