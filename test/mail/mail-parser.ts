// A strict reader of mails, for what ours must be: RFC 5322 heads, RFC 2045 parts. It throws where a byte is not as it should be.

export interface ParsedMail {
  /** Names as written, values unfolded; in their order. */
  readonly headers: readonly (readonly [string, string])[];
  readonly text: string;
  readonly html: string;
}

const FIELD = /^([!-9;-~]+): ?(.*)$/;

/** Reads a mail with a text and an HTML part. */
export function parseMail(raw: Uint8Array): ParsedMail {
  const bytes = Buffer.from(raw);
  const whole = bytes.toString('latin1');
  if (/[^\r]\n|\r[^\n]|^\n|\r$/.test(whole)) throw new Error('a bare CR or LF');
  if (/[^\t\r\n\x20-\x7e]/.test(whole))
    throw new Error(`not ASCII: ${JSON.stringify(/[^]{0,200}[^\t\r\n\x20-\x7e][^]{0,60}/.exec(whole)?.[0])}`);
  for (const line of whole.split('\r\n')) if (line.length > 998) throw new Error('a line over 998 bytes');
  const { headers, body } = split(whole);
  const type = one(headers, 'Content-Type');
  const boundary = /^multipart\/alternative;\s*boundary="([A-Za-z0-9'()+_,./:=?-]{1,70})"$/.exec(type)?.[1];
  if (boundary === undefined) throw new Error(`not alternative: ${type}`);
  const pieces = `\r\n${body}`.split(`\r\n--${boundary}`);
  if (pieces.length !== 4 || pieces[3] !== '--\r\n') throw new Error('not two parts and an end');
  const [text, html] = pieces.slice(1, 3).map((piece) => {
    if (!piece.startsWith('\r\n')) throw new Error('a delimiter with something behind it');
    return split(piece.slice(2));
  });
  if (text === undefined || html === undefined) throw new Error('no parts');
  return { headers, text: decoded(text, 'text/plain'), html: decoded(html, 'text/html') };
}

interface Entity {
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string;
}

function split(entity: string): Entity {
  const end = entity.indexOf('\r\n\r\n');
  if (end < 0) throw new Error('no end of the head');
  const headers: [string, string][] = [];
  for (const line of entity.slice(0, end).split('\r\n')) {
    const last = headers.at(-1);
    if (/^[ \t]/.test(line)) {
      if (last === undefined || line.trim() === '') throw new Error('folding that continues nothing');
      last[1] += line;
      continue;
    }
    const [, name, value] = FIELD.exec(line) ?? [];
    if (name === undefined || value === undefined) throw new Error(`not a field: ${line}`);
    headers.push([name, value]);
  }
  return { headers, body: entity.slice(end + 4) };
}

/** The value of a field that is there once. */
export function one(headers: Entity['headers'], name: string): string {
  const found = headers.filter(([key]) => key.toLowerCase() === name.toLowerCase());
  if (found.length !== 1) throw new Error(`${found.length} fields ${name}`);
  return found[0]?.[1] ?? '';
}

function decoded({ headers, body }: Entity, type: string): string {
  if (one(headers, 'Content-Type') !== `${type}; charset=utf-8`) throw new Error('another type');
  if (one(headers, 'Content-Transfer-Encoding') !== 'quoted-printable') throw new Error('another encoding');
  if (headers.length !== 2) throw new Error('more fields of a part');
  const out: number[] = [];
  for (const line of body.split('\r\n')) {
    if (line.length > 76) throw new Error('an encoded line over 76');
    if (/[ \t]$/.test(line)) throw new Error('a blank at the end of an encoded line');
    if (/=(?![0-9A-F]{2}|$)/.test(line)) throw new Error(`not quoted-printable: ${line}`);
    const isSoft = line.endsWith('=');
    const content = isSoft ? line.slice(0, -1) : line;
    for (const [piece] of content.matchAll(/=[0-9A-F]{2}|[^]/g))
      out.push(piece.length === 3 ? Number.parseInt(piece.slice(1), 16) : piece.charCodeAt(0));
    if (!isSoft) out.push(13, 10);
  }
  // The last line end belongs to the delimiter.
  return new TextDecoder('utf-8', { fatal: true }).decode(Uint8Array.from(out.slice(0, -2)));
}

/** The text of a field with encoded words (RFC 2047). */
export function decodedWords(value: string): string {
  return value
    .replace(/(=\?[^?]*\?[QB]\?[^?]*\?=)\s+(?==\?)/g, '$1')
    .replace(/=\?utf-8\?([QB])\?([^?\s]*)\?=/gi, (_, kind: string, text: string) =>
      kind.toUpperCase() === 'B'
        ? Buffer.from(text, 'base64').toString('utf8')
        : Buffer.from(
            text
              .replaceAll('_', ' ')
              .replace(/=([0-9A-F]{2})/g, (__, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
            'latin1',
          ).toString('utf8'),
    );
}

/** Every address that the HTML would load or lead to, by its attribute. */
export function addressesIn(html: string): { readonly attribute: string; readonly value: string }[] {
  const tags = html.match(/<[^>]*>/g) ?? [];
  return tags.flatMap((tag) =>
    Array.from(tag.matchAll(/\s([a-z-]+)="([^"]*)"/gi), ([, attribute = '', value = '']) => ({
      attribute,
      value,
    })).filter(
      ({ attribute, value }) =>
        attribute !== 'style' && /:\/\/|^(?:href|src|background)$/i.test(attribute + value),
    ),
  );
}
