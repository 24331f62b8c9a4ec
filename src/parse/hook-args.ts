// What csf's BLOCK_REPORT is given: eight arguments about one block (csf's lfd.pl, sub block_report; its readme.txt, "BLOCK_REPORT").
import type { LfdMessage } from '../model-csf.ts';
import { normalizeTarget, parseLfdMessage } from './lfd-message.ts';
import { decodeBytes } from './text.ts';

/** One call. Texts are decoded, not masked. */
export interface HookCall {
  /** Address or net, normalised. */
  readonly address: string;
  /** As csf lists them, e.g. `80,443`; null for all. */
  readonly ports: string | null;
  readonly permanent: boolean;
  readonly direction: 'in' | 'out' | 'inout';
  /** Length of a temporary block; null for a permanent one, whose argument holds the setting's own value. */
  readonly seconds: number | null;
  /** lfd's sentence, as in lfd.log before ` - *Blocked in csf*`. */
  readonly text: string;
  /** The sentence read; null where it is not understood. */
  readonly message: LfdMessage | null;
  /** The log lines behind it, without empty ones; none for 401, 403 and 404, for PERMBLOCK and NETBLOCK. */
  readonly lines: readonly string[];
  /** As in lfd.log's tag, but `LF_PERMBLOCK` and `LF_NETBLOCK` for the summed ones; null where neither argument nor sentence tells. */
  readonly trigger: string | null;
}

/** lfd names the setting that counts; everything else calls these two by the block. */
const SUMMED: Readonly<Record<string, string>> = {
  LF_PERMBLOCK_COUNT: 'LF_PERMBLOCK',
  LF_NETBLOCK_COUNT: 'LF_NETBLOCK',
};
const LONGEST_TEXT = 16_384;
const PORTS = /^[\w,;:*]{0,400}$/;
const WAYS = ['in', 'out', 'inout'] as const;

/**
 * Reads the arguments (latin1, one character a byte) of one call. Null unless there are eight of them, the first is an address or
 * net, and those that lfd makes of its own settings (ports, permanent, direction, seconds) have their form. Never throws.
 */
export function parseHookArgs(args: readonly string[]): HookCall | null {
  if (!areEight(args)) return null;
  const [who, ports, permanent, way, seconds, said, lines, code] = args;
  const address = who.length > 60 ? null : normalizeTarget(who);
  const direction = WAYS.find((one) => one === way);
  const isOdd = !/^[01]$/.test(permanent) || !/^\d{0,12}$/.test(seconds) || !PORTS.test(ports);
  if (address === null || direction === undefined || isOdd) return null;
  const sentence = said
    .slice(0, LONGEST_TEXT)
    .replace(/[\r\n]+/g, ' ')
    .trim();
  const message = parseLfdMessage(sentence);
  return {
    address,
    ports: ports === '' || ports === '*' ? null : ports,
    permanent: permanent === '1',
    direction,
    seconds: permanent === '1' || Number(seconds) === 0 ? null : Number(seconds),
    text: decodeBytes(sentence),
    message,
    lines: linesOf(lines),
    trigger: triggerOf(code, message),
  };
}

type Eight = readonly [string, string, string, string, string, string, string, string];

function areEight(args: readonly string[]): args is Eight {
  return args.length === 8;
}

function linesOf(text: string): string[] {
  return text
    .split(/[\r\n]+/)
    .filter((line) => line.trim() !== '')
    .map(decodeBytes);
}

function triggerOf(code: string, message: LfdMessage | null): string | null {
  if (!/^[A-Z][A-Z0-9_]{1,60}$/.test(code)) return message?.trigger ?? null;
  return SUMMED[code] ?? code;
}
