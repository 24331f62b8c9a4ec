// Pasted lines that are of no web log: lfd.log, csf.deny, csf.allow, csf.tempban; and access-log lines. Read as a
// piece of a mail would be, so that all pasted text is explained the same way.
import type { DenyEntry, LfdMessage } from '../model-csf.ts';
import { parseAccessLogLine } from '../parse/access-log.ts';
import { parseCsfListText } from '../parse/csf-list.ts';
import { parseTempbanLine } from '../parse/csf-tempban.ts';
import { type LfdEvent, parseLfdLogLine } from '../parse/lfd-log.ts';
import type { LfdMail } from '../parse/lfd-mail.ts';

const MOST_LINES = 10_000;

const NOTHING: LfdMail = {
  kind: 'log-lines',
  host: null,
  wallAt: null,
  at: null,
  offsetMinutes: null,
  address: null,
  addresses: [],
  trigger: null,
  apps: [],
  count: null,
  intervalSeconds: null,
  permanent: null,
  temporarySeconds: null,
  account: null,
  inAllow: false,
  lines: [],
};

/**
 * Reads pasted lines of the firewall's files or of an access log. The facts are those of the first line that is
 * understood; the addresses are those of all. Null when no line is one of these, or none names an address.
 */
export function readPastedLines(text: string): LfdMail | null {
  const lines = text
    .split(/\r\n?|\n/)
    .filter((line) => line.trim() !== '')
    .slice(0, MOST_LINES);
  const read = lines.map(readLine).filter((one) => one !== null);
  const addresses = [...new Set(read.flatMap((one) => one.address ?? []))];
  const [first] = read;
  if (first === undefined || addresses.length === 0) return null;
  return { ...first, address: addresses.length === 1 ? (addresses[0] ?? null) : null, addresses, lines };
}

function readLine(line: string): LfdMail | null {
  const latin1 = asLatin1(line.trim());
  const event = parseLfdLogLine(latin1);
  if (event !== null) return ofEvent(event);
  const entry = parseTempbanLine(latin1) ?? parseCsfListText(latin1, 'deny').entries[0]?.entry ?? null;
  if (entry !== null) return ofEntry(entry);
  const access = parseAccessLogLine(latin1);
  return access === null ? null : { ...NOTHING, address: access.client, at: access.at };
}

/** lfd.log names no year, so the moment is left to the stored line of the same block. */
function ofEvent({ address, message, permanent, seconds }: LfdEvent): LfdMail {
  return { ...NOTHING, ...ofMessage(message), address, permanent, temporarySeconds: seconds };
}

function ofEntry({ list, target, message, sinceWall, sinceEpoch, ttlSeconds }: DenyEntry): LfdMail {
  return {
    ...NOTHING,
    ...ofMessage(message),
    address: target.address,
    wallAt: sinceWall,
    at: sinceEpoch,
    permanent: list === 'tempban' ? false : null,
    temporarySeconds: ttlSeconds,
  };
}

function ofMessage(message: LfdMessage | null): Partial<LfdMail> {
  if (message === null) return {};
  const { trigger, apps, count, intervalSeconds, account } = message;
  return { trigger, apps, count, intervalSeconds, account };
}

/** The bytes of a pasted (decoded) text as a latin1 string, the form that parsers of log lines take. */
export function asLatin1(text: string): string {
  return Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join('');
}
