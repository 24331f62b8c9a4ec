// What csf makes of its arguments: it joins them with blanks and parses the result again, so that a comment can hold
// options and further lines. All texts here are bytes, written as latin1.
import { checkIp } from './addresses.ts';

/** Perl's `\s` on bytes: no-break spaces are none. */
export const BLANK = '[ \\t\\n\\r\\f\\v]';
const FIRST_BLANK = new RegExp(BLANK);
const LAST_BLANK = new RegExp(`${BLANK}$`);
const OUTER_BLANKS = new RegExp(`^${BLANK}*|${BLANK}*$`, 'g');

/** A call as csf sees it. */
export interface Parsed {
  /** The first argument in small letters, e.g. `-dr`; empty without one. */
  readonly command: string;
  /** All others, joined. */
  readonly argument: string;
}

/** Joins the arguments; the last blank is cut. */
export function joinArguments(argv: readonly string[]): Parsed {
  const [command = '', ...others] = argv;
  const joined = others.map((part) => `${part} `).join('');
  const once = joined.replace(LAST_BLANK, '');
  return { command: command.toLowerCase(), argument: once };
}

/** The text before the first blank, and what follows it. */
export function splitOnce(text: string): readonly [string, string] {
  const at = FIRST_BLANK.exec(text)?.index ?? -1;
  return at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

/** What `-td` and `-ta` understand. */
export interface TempArguments {
  readonly target: string;
  readonly seconds: number;
  /** `80,443`, `53;udp`; empty for all. */
  readonly ports: string;
  readonly way: 'in' | 'out' | 'inout';
  /** Empty without: csf then writes its own. */
  readonly comment: string;
}

const UNITS: Readonly<Record<string, number>> = { m: 60, h: 3600, d: 86_400 };

function seconds(text: string): string {
  const found = /^(\d*)([mhd])/i.exec(text);
  if (found === null) return text;
  const [, count = '', unit = ''] = found;
  // A capital letter is taken for seconds.
  return UNITS[unit] === undefined ? count : String(Number(count) * UNITS[unit]);
}

function wayOf(rest: string, usual: 'in' | 'inout'): TempArguments['way'] {
  let way: TempArguments['way'] = usual;
  if (usual === 'inout' && /-d\s*in/i.test(rest)) way = 'in';
  if (/-d\s*out/i.test(rest)) way = 'out';
  if (/-d\s*inout/i.test(rest)) way = 'inout';
  return way;
}

/** Parses the argument of `-td` (`usual` in) or `-ta` (`usual` inout): options are found anywhere, in the comment too. */
export function readTemp(argument: string, usual: 'in' | 'inout'): TempArguments {
  const [target, afterTarget] = splitOnce(argument);
  const [first, others] = splitOnce(afterTarget);
  let time = seconds(first);
  let rest = others;
  if (/\D/.test(time)) {
    rest = `${time} ${rest}`;
    time = '0';
  }
  const ports = /-p\s*([\w,*;]+)/.exec(rest)?.[1] ?? '';
  const comment = rest
    .replace(/-d\s*out/gi, '')
    .replace(/-d\s*inout/gi, '')
    .replace(/-d\s*in/gi, '')
    .replace(/-p\s*[\w,*;]+/gi, '')
    .replace(OUTER_BLANKS, '');
  return {
    target: checkIp(target).text,
    seconds: Number(time) < 2 ? 3600 : Number(time),
    ports,
    way: wayOf(rest, usual),
    comment,
  };
}

/** What a call comes to. `comment` holds line ends too, which csf writes into the list. */
export interface Meaning {
  readonly target: string;
  readonly comment?: string;
  readonly seconds?: number;
  readonly ports?: string;
  readonly way?: string;
}

/** What csf will do by a command and its joined arguments. */
export function meaningOf({ command, argument }: Parsed): Meaning {
  if (command === '-td') return readTemp(argument, 'in');
  if (command === '-ta') return readTemp(argument, 'inout');
  if (command !== '-d' && command !== '-a') return { target: checkIp(argument).text };
  const [target, comment] = splitOnce(argument);
  return { target: checkIp(target).text, comment };
}
