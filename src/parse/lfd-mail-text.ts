// What mail programs, forums and ticket systems do to a pasted mail, undone: quoting, entities, soft breaks.
import { FIRST_DATE } from './lfd-mail-layout.ts';
import { decodeBytes } from './text.ts';

const NAMED: ReadonlyMap<string, string> = new Map(
  Object.entries({
    amp: '&',
    lt: '<',
    gt: '>',
    quot: '"',
    apos: "'",
    nbsp: ' ',
    lsqb: '[',
    lbrack: '[',
    rsqb: ']',
    rbrack: ']',
    lpar: '(',
    rpar: ')',
    colon: ':',
    sol: '/',
    num: '#',
    equals: '=',
    period: '.',
    comma: ',',
    ldquo: '"',
    rdquo: '"',
    bdquo: '"',
    lsquo: "'",
    rsquo: "'",
    ndash: '-',
    hellip: '...',
    rarr: '->',
    NewLine: '\n',
    Tab: '\t',
  }),
);
// A field of a log line as it reads in HTML source, e.g. `[id &quot;949110&quot;]`.
const ENCODED_FIELD =
  /(?:\[|&#91;|&#x5b;|&lsqb;)[a-z_]{1,12}(?: |&nbsp;|&#32;|&#x20;)(?:&quot;|&#34;|&#x22;)/i;
// The same, untouched. Where one stands, encoded ones are data that a visitor sent.
const RAW_FIELD = /\[[a-z_]{1,12} "/;
const SMART_FIELD = /\[[a-z_]{1,12} [“”„«»‟″]/;
const TAG_AT_EDGE =
  /(?:^\s*<\/?(?:html|body|div|p|pre|table|tr|td|br|span|blockquote|!doctype)\b[^<>]*>|<(?:br ?\/?|\/p|\/div|\/td|\/tr|\/pre)>\s*$)/gim;

/** One line end (`\n`), no BOM, no invisible characters, ordinary spaces. */
export function plainLines(text: string): string {
  return text
    .replace(/\r\n?|[\u2028\u2029\u0085]/g, '\n')
    .replace(/[\ufeff\u200b-\u200f\u2060\u00ad\0]/g, '')
    .replace(/[\u00a0\u2007\u202f]/g, ' ');
}

/** Takes `> ` of any depth off, when what is quoted are lines of such a mail. Otherwise the text as it is. */
export function unquote(text: string): string {
  const quoted = /^[ \t]?>[> \t|]{0,40}(?:\[[A-Z][a-z]{2} |[^\s:>][^:\n]{0,60}:[ \t])/m.test(text);
  if (!quoted) return text;
  return text.replace(/^[ \t]?(?:> ?){1,40}/gm, '');
}

/** Decodes HTML entities once. Unknown ones stay. */
export function decodeEntities(text: string): string {
  return text.replace(/&(#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]{2,10});/g, (whole, name: string) => {
    if (!name.startsWith('#')) return NAMED.get(name) ?? whole;
    const code = /^#[xX]/.test(name) ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
    if (code === 0xa0) return ' ';
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}

/**
 * Decodes entities where the mail itself was encoded: its own quotes, brackets or arrows are entities.
 * An entity that a visitor sent as data stays, as it is part of the log line.
 */
export function undoEntities(text: string): string {
  let value = text;
  for (let round = 0; round < 3 && isEncoded(value); round++) value = decodeEntities(value);
  return value;
}

function isEncoded(text: string): boolean {
  if (!text.includes('&') || RAW_FIELD.test(text)) return false;
  if (ENCODED_FIELD.test(text) || /&amp;(?:quot|#34|#91|lsqb);/.test(text)) return true;
  if (!text.includes('"') && /&(?:quot|#34|#x22);/i.test(text)) return true;
  if (!text.includes('[') && /&(?:#91|#x5b|lsqb|lbrack);/i.test(text)) return true;
  return /:\d{1,5} -&(?:amp;){0,2}gt; \S/.test(text) || /^ ?&gt; ?\S[^\n]*\n ?&gt;/m.test(text);
}

/** Typographic quotes back to `"` where a mail program put them into a log line's fields. */
export function undoSmartQuotes(text: string): string {
  const arrows = text.replace(/(:\d{1,5}) (?:→|–>|—>) /g, '$1 -> ');
  return SMART_FIELD.test(arrows) && !RAW_FIELD.test(arrows) ? arrows.replace(/[“”„«»‟″]/g, '"') : arrows;
}

/**
 * Whether the text is HTML source: it starts with a tag, or tags stand at the edges of its lines before
 * the first log line. A tag inside a log line is a visitor's and says nothing.
 */
export function isHtml(text: string): boolean {
  if (!text.includes('<')) return false;
  if (/^\s*<(?:!doctype|html|head|body|div|p|pre|table|meta)\b/i.test(text)) return true;
  const head = RAW_FIELD.test(text) ? text.slice(0, FIRST_DATE.exec(text)?.index ?? 0) : text;
  return (head.match(TAG_AT_EDGE)?.length ?? 0) >= 2;
}

/** HTML source as the lines a reader sees. Text in angle brackets that is no tag stays. */
export function htmlToText(html: string): string {
  const bare = html
    .replace(/<(style|script|head|title)\b[^<>]*>[^<]*<\/\1\s*>/gi, '')
    .replace(/<!--[^<>]*-->/g, '');
  // Outside <pre>, a line end in the source is only a space.
  const parts = bare.split(/(<\/?pre\b[^<>]*>)/i);
  let pre = false;
  const flowed = parts.map((part) => {
    if (/^<pre/i.test(part)) pre = true;
    else if (/^<\/pre/i.test(part)) pre = false;
    else return pre || !/<(?:br|p|div|tr|li)\b/i.test(part) ? part : part.replace(/[ \t]*\n[ \t]*/g, ' ');
    return '\n';
  });
  const lined = flowed
    .join('')
    .replace(/ ?<br ?\/?> ?/gi, '\n')
    .replace(/<\/t[dh]>\s*/gi, '\t')
    .replace(/\s*<\/(?:p|h\d|blockquote|table)>\s*/gi, '\n\n')
    .replace(/ ?<\/?(?:div|tr|li|p|h\d|blockquote|table|ul|ol|tbody)\b[^<>]*> ?/gi, '\n')
    .replace(/<\/?[a-z!][a-z0-9-]*(?:\s[^<>]*)?>/gi, '');
  return decodeEntities(lined)
    .replace(/\n{3,}/g, '\n\n')
    .replace(/[ \t]+$/gm, '');
}

/** Decodes quoted-printable; bytes become UTF-8 where they are, else latin1. */
export function decodeQuotedPrintable(text: string): string {
  return text.replace(/=[ \t]{0,8}\n/g, '').replace(/(?:=[0-9A-Fa-f]{2})+/g, (run) => {
    const bytes = run.replace(/=([0-9A-Fa-f]{2})/g, (_, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    );
    const decoded = decodeBytes(bytes);
    return decoded.includes('\ufffd') ? bytes : decoded;
  });
}

/** Soft breaks in a body that lost its header: lines that end in `=` and quoted-printable's own `=3D`. */
export function undoSoftBreaks(text: string): string {
  const soft = text.match(/^[^\n]{50,76}=$/gm)?.length ?? 0;
  const encoded = /=3D|=20\n|=5B|=C2=A0/.test(text);
  return soft >= 2 || (soft >= 1 && encoded) ? decodeQuotedPrintable(text) : text;
}
