// The block card, and the csf command that would free the address.
import { isIP } from 'node:net';
import type { BlockView } from '../actions/explanation.ts';
import type { PlaceView, StatementView } from './view-raw.ts';
import { placeViews, statementView } from './view-raw.ts';
import { dayTime, interval, shortTime } from './view-time.ts';

export interface BlockCard {
  readonly tone: 'ok' | 'warn' | 'bad' | 'off';
  readonly state: string;
  readonly facts: readonly { readonly name: string; readonly value: string; readonly mono: boolean }[];
  readonly trigger: { readonly code: string; readonly words: string } | null;
  readonly settings: BlockView['settings'];
  readonly line: { readonly text: string; readonly places: readonly PlaceView[] } | null;
  readonly contradictions: readonly StatementView[];
}

/** The command that frees an address, or why there is none. Both null when nothing is blocked. */
export interface FreeCommand {
  readonly command: string | null;
  readonly why: string | null;
}

const NET = /^[0-9a-fA-F.:]{2,45}\/\d{1,3}$/;

const SOURCES: Readonly<Record<NonNullable<BlockView['source']>, string>> = {
  'csf.deny': 'csf.deny',
  tempban: 'csf\u2019s temporary blocks',
  cidr: 'csf.deny, a net that covers it',
  include: 'a file that csf.deny includes',
  blocklist: 'a block list that csf loads',
  mail: 'the pasted mail',
  'lfd.log': 'lfd.log',
};

function stateWords(
  block: BlockView,
  now: string,
): { readonly tone: BlockCard['tone']; readonly state: string } {
  if (block.state === 'permanent') return { tone: 'bad', state: 'Blocked, permanent' };
  if (block.state === 'none') return { tone: 'off', state: 'Not blocked' };
  if (block.state === 'unknown') return { tone: 'warn', state: 'Not known whether it is blocked' };
  return {
    tone: 'warn',
    state: block.until === null ? 'Blocked, temporary' : `Blocked until ${shortTime(block.until, now)}`,
  };
}

function countWords(block: BlockView): string | null {
  if (block.count === null) return null;
  return block.intervalSeconds === null
    ? String(block.count)
    : `${block.count} within ${interval(block.intervalSeconds)}`;
}

function untilWords(block: BlockView): string | null {
  if (block.until !== null) return dayTime(block.until);
  return block.state === 'permanent' ? 'no end set' : null;
}

/** The card "The block". `now` is the server's time, for short times. */
export function blockCard(block: BlockView, anchors: ReadonlyMap<string, string>, now: string): BlockCard {
  const facts = [
    { name: 'Address', value: block.address, mono: true },
    { name: 'Since', value: block.since === null ? null : dayTime(block.since), mono: false },
    { name: 'Until', value: untilWords(block), mono: false },
    { name: 'Counted', value: countWords(block), mono: false },
    { name: 'Covers', value: block.covers, mono: false },
    { name: 'Seen in', value: block.source === null ? null : SOURCES[block.source], mono: false },
  ].flatMap(({ name, value, mono }) => (value === null ? [] : [{ name, value, mono }]));
  return {
    ...stateWords(block, now),
    facts,
    trigger:
      block.trigger === null && block.triggerWords === null
        ? null
        : { code: block.trigger ?? '', words: block.triggerWords ?? '' },
    settings: block.settings,
    line:
      block.line === null
        ? null
        : { text: block.line, places: block.ref === null ? [] : placeViews([block.ref], anchors) },
    contradictions: block.contradictions.map((one) => statementView(one, anchors)),
  };
}

function isAddress(text: string): boolean {
  return isIP(text) !== 0 && !text.includes('%');
}

function noCommand(block: BlockView): string | null {
  const { source } = block;
  const net = block.address !== null && NET.test(block.address) ? ` ${block.address}` : '';
  if (source === 'cidr' || net !== '') {
    return `The entry is a net${net}: taking it out frees every address in it, and csf does not take out one address alone. So there is no command for this one.`;
  }
  if (source === 'include') {
    return 'The entry stands in a file that csf.deny includes. csf does not edit that file: take the line out by hand, then restart csf.';
  }
  if (source === 'blocklist')
    return 'The address comes from a block list that csf loads again and again. csf -dr does not reach it.';
  if (block.line !== null && /do not delete/i.test(block.line)) {
    return 'The line says \u201cdo not delete\u201d, so csf refuses to remove it. Change the comment in csf.deny first.';
  }
  return null;
}

/**
 * The csf command for the block, built only from a strictly valid address: `csf -dr` for csf.deny,
 * `csf -trd` for a temporary block (it leaves temporary allows alone). Nets, included files, block lists
 * and protected lines get the reason instead.
 */
export function freeCommand(block: BlockView | null): FreeCommand {
  if (block === null || block.state === 'none' || block.state === 'unknown')
    return { command: null, why: null };
  const why = noCommand(block);
  if (why !== null) return { command: null, why };
  if (block.address === null || !isAddress(block.address)) {
    return { command: null, why: 'The blocked address cannot be read, so there is no command for it.' };
  }
  const option = block.state === 'temporary' || block.source === 'tempban' ? '-trd' : '-dr';
  const only = 'Only the mail tells of this block. If it still stands, this frees it:';
  return { command: `csf ${option} ${block.address}`, why: block.source === 'mail' ? only : null };
}
