// A mail's MIME structure, flattened: its subject and all its text parts as one text.
import { decodeQuotedPrintable, htmlToText, plainLines } from './lfd-mail-text.ts';
import { decodeBytes } from './text.ts';

interface Entity {
  /** Lower-case header name -> unfolded value. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

const MAIL_HEADER =
  /^(?:from|to|subject|received|return-path|mime-version|content-[a-z-]{4,30}|delivered-to|message-id):/im;
const MAX_DEPTH = 4;

/**
 * Gives the readable text of a mail: `Subject: …`, an X-ARF mark, and each text part, decoded.
 * HTML is taken only where no plain text stands beside it. A text that is no mail with headers comes back as it is.
 */
export function flattenMail(text: string): string {
  return flatten(text, 0);
}

function flatten(text: string, depth: number): string {
  const entity = readEntity(text);
  const subject = entity.headers.get('subject');
  const marks = [
    ...(subject === undefined ? [] : [`Subject: ${decodeWords(subject)}`]),
    ...(entity.headers.has('x-xarf') ? ['X-XARF: 1'] : []),
  ];
  const body = flattenBody(entity, depth);
  return marks.length === 0 ? body : `${marks.join('\n')}\n\n${body}`;
}

function flattenBody(entity: Entity, depth: number): string {
  const type = (entity.headers.get('content-type') ?? 'text/plain').toLowerCase();
  const boundary = boundaryOf(entity);
  if (boundary !== null && depth < MAX_DEPTH) {
    const parts = splitParts(entity.body, boundary);
    const chosen = type.startsWith('multipart/alternative') ? preferPlain(parts) : parts;
    return chosen.map((part) => flatten(part, depth + 1)).join('\n\n');
  }
  const body = decodeTransfer(entity);
  if (type.startsWith('message/rfc822') && depth < MAX_DEPTH)
    return flatten(body.replace(/^\n+/, ''), depth + 1);
  if (/^(?:image|audio|video|font)\//.test(type)) return '';
  return type.startsWith('text/html') ? htmlToText(body) : body;
}

/** Splits headers off, if the text starts with some that mails have. */
function readEntity(text: string): Entity {
  const none = { headers: new Map<string, string>(), body: text };
  const start = text.replace(/^\s*\n/, '').replace(/^From \S{1,300} [^\n]{10,60}\n/, '');
  const end = start.indexOf('\n\n');
  const head = start.slice(0, Math.max(end, 0));
  if (end < 0 || head.length > 65_536 || !MAIL_HEADER.test(head)) return none;
  const headers = new Map<string, string>();
  for (const line of head.replace(/\n[ \t]+/g, ' ').split('\n')) {
    const match = /^([A-Za-z][A-Za-z0-9-]{0,60}):[ \t]*(.*)$/.exec(line);
    if (match === null) return none;
    const name = (match[1] ?? '').toLowerCase();
    // Fields of the body that follow the header without an empty line are no headers.
    if (name === 'time' || name === 'ip' || name === 'blocked') return none;
    if (!headers.has(name)) headers.set(name, match[2] ?? '');
  }
  return { headers, body: start.slice(end + 2) };
}

/** The declared boundary, or lfd's own (`csf-EPOCH`) where the header was not pasted. */
function boundaryOf(entity: Entity): string | null {
  const declared = /;\s*boundary="?([^";\n]{1,70})/i.exec(entity.headers.get('content-type') ?? '');
  if (declared?.[1] !== undefined) return declared[1].trim();
  return /^--(csf-\d{6,12})$/m.exec(entity.body)?.[1] ?? null;
}

function splitParts(body: string, boundary: string): string[] {
  const parts: string[] = [];
  let lines: string[] | null = null;
  for (const line of body.split('\n')) {
    const trimmed = line.trimEnd();
    if (trimmed === `--${boundary}` || trimmed === `--${boundary}--`) {
      if (lines) parts.push(lines.join('\n'));
      lines = trimmed.endsWith(`${boundary}--`) ? null : [];
    } else lines?.push(line);
  }
  if (lines) parts.push(lines.join('\n'));
  return parts;
}

function preferPlain(parts: readonly string[]): readonly string[] {
  const plain = parts.filter((part) => !/^content-type:\s*text\/html/im.test(part.slice(0, 2000)));
  return plain.some((part) => readEntity(part).body.trim() !== '') ? plain : parts;
}

function decodeTransfer(entity: Entity): string {
  const encoding = (entity.headers.get('content-transfer-encoding') ?? '').trim().toLowerCase();
  if (encoding === 'quoted-printable') return plainLines(decodeQuotedPrintable(entity.body));
  if (encoding === 'base64') return plainLines(decodeBase64(entity.body) ?? entity.body);
  return entity.body;
}

/** Decodes base64 text to a string (UTF-8, else latin1); null when it is none. */
function decodeBase64(text: string): string | null {
  const packed = text.replace(/\s/g, '').replace(/=+$/, '');
  if (!/^[A-Za-z0-9+/]*$/.test(packed) || packed.length % 4 === 1) return null;
  const latin1 = atob(packed);
  const decoded = decodeBytes(latin1);
  return decoded.includes('\ufffd') ? latin1 : decoded;
}

/** Decodes RFC 2047 words (`=?UTF-8?Q?…?=`) in a header value. */
function decodeWords(value: string): string {
  return value
    .replace(/\?=[ \t]+=\?/g, '?==?')
    .replace(/=\?[\w-]{1,30}\?([bBqQ])\?([^?\n]{0,2000})\?=/g, (whole, kind: string, word: string) => {
      if (kind === 'b' || kind === 'B') return decodeBase64(word) ?? whole;
      return decodeQuotedPrintable(word.replace(/_/g, ' '));
    });
}
