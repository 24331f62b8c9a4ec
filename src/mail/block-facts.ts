// The facts of a block as a mail lists them.
import type { BlockView } from '../actions/explanation.ts';
import { isoTime, readableTime } from '../actions/iso-time.ts';
import type { BlockLetter } from '../actions/mail-letter.ts';
import type { SheetPart } from './sheet.ts';

const MOST_SETTINGS = 12;

/** Its facts: state, times, trigger, and csf’s settings behind it. `block`: null where it could not be explained. */
export function factsOf({ notice, server, head }: BlockLetter, block: BlockView | null): SheetPart {
  const facts: (readonly [string, string])[] = [];
  const add = (name: string, value: string | null | undefined): void => {
    if (value != null && value !== '') facts.push([name, value]);
  };
  add('Address', notice.address);
  add('State', block === null ? toldState(notice) : stateWords(block, toldState(notice)));
  const since = block?.since ?? isoTime(clockOf(head), Math.floor(notice.at / 1000) * 1000);
  add('Since', `${readableTime(since)} (${server.offset})`);
  add('Until', block?.until == null ? null : readableTime(block.until));
  add('Ports', notice.ports);
  const trigger = block?.trigger ?? notice.trigger;
  add('Trigger', trigger === null ? null : withWords(trigger, block?.triggerWords ?? null));
  add('lfd says', notice.message);
  for (const { name, value, meaning } of block?.settings.slice(0, MOST_SETTINGS) ?? [])
    add(`${name} = "${value}"`, meaning);
  return { kind: 'facts', facts };
}

function clockOf({ offsetMinutes }: BlockLetter['head']): Parameters<typeof isoTime>[0] {
  return { offsetMinutesAt: () => offsetMinutes };
}

function withWords(trigger: string, words: string | null): string {
  return words === null ? trigger : `${trigger}, ${words}`;
}

function stateWords(block: BlockView, told: string): string {
  const where = block.source === null ? '' : ` (${block.source})`;
  switch (block.state) {
    case 'permanent':
      return `blocked without an end${where}`;
    case 'temporary':
      return `blocked for a time${where}`;
    case 'none':
      return `${told} when it was reported; csf does not hold it now`;
    default:
      return `${told} when it was reported; csf’s lists could not be read`;
  }
}

function toldState({ permanent, seconds }: BlockLetter['notice']): string {
  if (permanent === true) return 'blocked without an end';
  if (seconds !== null) return `blocked for ${seconds} seconds`;
  return permanent === false ? 'blocked for a time' : 'blocked';
}
