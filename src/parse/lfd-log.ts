// lfd.log: one line of csf's login failure daemon. The log has no year and no zone.
import type { LfdMessage } from '../model-csf.ts';
import { normalizeAddress } from './address.ts';
import { findAddress, normalizeTarget, parseLfdMention, parseLfdMessage } from './lfd-message.ts';
import { decodeBytes } from './text.ts';

/** One lfd.log line. The log has neither year nor zone: the reader adds both. */
export interface LfdEvent {
  /** 1 to 12. */
  readonly month: number;
  readonly day: number;
  /** Wall-clock seconds since midnight. */
  readonly secondOfDay: number;
  /** Short host name: lfd cuts it at the first dot. */
  readonly host: string;
  readonly kind: 'blocked' | 'expired' | 'ignored' | 'refused' | 'started' | 'other';
  /** The address or net the line is about, also where there is no message (expired, refused). */
  readonly address: string | null;
  /** The `[TRIGGER]` of the line as it stands; of a summed block it names only the last trigger. */
  readonly tag: string | null;
  readonly message: LfdMessage | null;
  /** Set for blocks only. */
  readonly permanent: boolean | null;
  /** Length of a temporary block. */
  readonly seconds: number | null;
  /** The port a per-port block or its end is about; null for all ports. */
  readonly ports: string | null;
  /** The text after `lfd[PID]: `, without `[STARTUP]`. */
  readonly text: string;
}

type Reading = Pick<LfdEvent, 'kind' | 'address' | 'tag' | 'message' | 'permanent' | 'seconds' | 'ports'>;

const MONTHS = 'JanFebMarAprMayJunJulAugSepOctNovDec';
const MAX_LENGTH = 262_144;
const NOTHING: Reading = {
  kind: 'other',
  address: null,
  tag: null,
  message: null,
  permanent: null,
  seconds: null,
  ports: null,
};

/** Reads one lfd.log line (latin1, without its line end); null when it is none. */
export function parseLfdLogLine(line: string): LfdEvent | null {
  if (line.length > MAX_LENGTH) return null;
  const head =
    /^([A-Z][a-z]{2}) ([ \d]\d|\d) (\d\d):(\d\d):(\d\d) (\S{1,255}) lfd\[\d{1,10}\]: ([^\r\n]*)/.exec(line);
  if (head === null) return null;
  const month = MONTHS.indexOf(head[1] ?? '') / 3 + 1;
  const day = Number(head[2]);
  const [hour, minute, second] = [Number(head[3]), Number(head[4]), Number(head[5])];
  if (!Number.isInteger(month) || month < 1 || day < 1 || day > 31) return null;
  if (hour > 23 || minute > 59 || second > 60) return null;
  const text = decodeBytes(head[7] ?? '').replace(/^\[STARTUP\]\s{0,10}/, '');
  const host = decodeBytes(head[6] ?? '');
  return { month, day, secondOfDay: hour * 3600 + minute * 60 + second, host, ...readText(text), text };
}

function readText(text: string): Reading {
  return readBlock(text) ?? readExpiry(text) ?? readRefusal(text) ?? readIgnored(text) ?? readStart(text);
}

/** `M - *Blocked in csf* [port=80 | for N secs] [TRIGGER]`; the last ` - *` counts, host names may hold others. */
function readBlock(text: string): Reading | null {
  const at = text.lastIndexOf(' - *');
  if (at < 0) return null;
  const tail = /^ - \*[^*[\]]{1,80}\*([^[\]]{0,80})\[([A-Z][A-Z0-9_]*)\]\s*$/.exec(text.slice(at));
  if (tail === null) return null;
  const detail = tail[1] ?? '';
  const port = /\bport=(\S{1,40})/.exec(detail)?.[1] ?? null;
  const seconds = /(?:^| )(\d{1,12})(?: |$)/.exec(
    port === null ? detail : detail.replace(/\bport=\S{1,40}/, ''),
  );
  const message = parseLfdMessage(text);
  return {
    kind: 'blocked',
    address: message?.address ?? null,
    tag: tail[2] ?? null,
    message,
    permanent: seconds === null,
    seconds: seconds === null ? null : Number(seconds[1]),
    ports: port,
  };
}

/** `Incoming IP X temporary block removed`, where X may be `X:PORT`. */
function readExpiry(text: string): Reading | null {
  const match = /^(?:Incoming|Outgoing) IP (\S{1,60}) temporary block removed/.exec(text);
  if (match === null) return null;
  return { ...NOTHING, kind: 'expired', ...splitPort(match[1] ?? '') };
}

/** An IPv6 address with a port cannot always be told from a longer one; the whole text is tried first. */
function splitPort(text: string): { address: string | null; ports: string | null } {
  const whole = normalizeTarget(text);
  if (whole !== null) return { address: whole, ports: null };
  const at = text.lastIndexOf(':');
  const address = at < 0 ? null : normalizeAddress(text.slice(0, at));
  return { address, ports: address === null ? null : text.slice(at + 1) };
}

/** csf did not add the entry, although lfd goes on as if it had. */
function readRefusal(text: string): Reading | null {
  const match = /^\*Error\*: csf output: (?:deny|add) failed: /.exec(text);
  if (match === null) return null;
  return { ...NOTHING, kind: 'refused', address: findAddress(text.slice(match[0].length))?.address ?? null };
}

function readIgnored(text: string): Reading | null {
  const match = /^(.*) - ignored\s*$/.exec(text);
  if (match === null) return null;
  const message = parseLfdMention(match[1] ?? '');
  return { ...NOTHING, kind: 'ignored', address: message?.address ?? null, message };
}

function readStart(text: string): Reading {
  return text.startsWith('Daemon started on ') ? { ...NOTHING, kind: 'started' } : NOTHING;
}
