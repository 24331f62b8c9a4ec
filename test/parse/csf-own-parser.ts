// How csf itself reads its arguments (15.10, process_input and the subs of each command): joined with blanks, split again, options
// sought anywhere behind the address. Written from csf's behaviour, apart from the product, to hold the product against it.

/** What csf would do. */
export interface CsfIntent {
  readonly option: string;
  readonly target: string;
  readonly seconds: number | null;
  readonly ports: string;
  readonly direction: string | null;
  /** Empty where csf puts its own words. */
  readonly comment: string;
}

const WITH_TIME = new Set(['-td', '-ta']);
const WITH_COMMENT = new Set(['-d', '-a']);

/** perl's \s. */
const BLANK = /[ \t\n\r\f\v]/;

export function csfReads(argv: readonly string[]): CsfIntent {
  const option = (argv[0] ?? '').toLowerCase();
  const argument = argv
    .slice(1)
    .map((word) => `${word} `)
    .join('')
    .replace(/\s$/, '');
  if (WITH_TIME.has(option)) return readTemporary(option, argument);
  const [target = '', comment = ''] = WITH_COMMENT.has(option) ? splitBlank(argument, 2) : [argument];
  return { option, target, seconds: null, ports: '', direction: null, comment };
}

function readTemporary(option: string, argument: string): CsfIntent {
  const [target = '', time = '', rest = ''] = splitBlank(argument, 3);
  const timeout = inSeconds(time);
  const isTime = !/\D/.test(timeout);
  const portdir = isTime ? rest : `${timeout} ${rest}`;
  const ports = /-p\s*([\w,*;]+)/.exec(portdir)?.[1] ?? '';
  const comment = portdir
    .replace(/-d\s*out/gi, '')
    .replace(/-d\s*inout/gi, '')
    .replace(/-d\s*in/gi, '')
    .replace(/-p\s*[\w,*;]+/gi, '')
    .replace(/^\s*|\s*$/g, '');
  const seconds = isTime && Number(timeout) >= 2 ? Number(timeout) : 3600;
  return {
    option,
    target,
    seconds,
    ports: ports.includes('*') ? '' : ports,
    direction: directionOf(option, portdir),
    comment,
  };
}

function directionOf(option: string, portdir: string): string {
  if (/-d\s*inout/i.test(portdir)) return 'inout';
  if (/-d\s*out/i.test(portdir)) return 'out';
  return option === '-td' || /-d\s*in/i.test(portdir) ? 'in' : 'inout';
}

/** `15m`, `2h` and `1d` are understood. */
function inSeconds(time: string): string {
  const unit = /^(\d*)(m|h|d)/i.exec(time);
  const factor = { m: 60, h: 3600, d: 86_400 }[unit?.[2] ?? ''] ?? 1;
  return unit === null ? time : String(Number(unit[1]) * factor);
}

/** perl's `split /\s/, text, limit`. */
function splitBlank(text: string, limit: number): string[] {
  const parts: string[] = [];
  let rest = text;
  while (parts.length < limit - 1) {
    const at = rest.search(BLANK);
    if (at < 0) break;
    parts.push(rest.slice(0, at));
    rest = rest.slice(at + 1);
  }
  return [...parts, rest];
}

/** The text that csf would add to its list, at noon of a day; a comment may make more lines of it. */
export function csfWrites(intent: CsfIntent): string {
  const comment =
    intent.comment === '' ? `Manually denied: ${intent.target} (US/United States/-)` : intent.comment;
  if (intent.seconds === null) return `${intent.target} # ${comment} - Sun Nov 22 12:00:00 2026\n`;
  return `1795348800|${intent.target}|${intent.ports}|${intent.direction ?? ''}|${intent.seconds}|${comment}\n`;
}

/**
 * The short form of Net::IP, which csf keeps IPv6 addresses in: leading zeros go, then the longest piece of `:0:0:` (measured in
 * characters, the first of equals) becomes `::`.
 */
export function netIpShort(groups: readonly number[]): string {
  const text = groups.map((group) => group.toString(16)).join(':');
  let longest = '';
  for (const match of text.matchAll(/((?:^|:)0(?::0)+(?::|$))/g))
    if (longest.length < match[0].length) longest = match[0];
  return longest === '' ? text : text.replace(longest, '::');
}
