// The subject of an lfd mail and the sentence of an X-ARF report: both name server and address.
import type { Field } from './lfd-mail-fields.ts';
import { findAddress } from './lfd-message.ts';

/** What a subject says. */
export interface MailSubject {
  readonly host: string | null;
  readonly address: string | null;
  readonly account: string | null;
  /** The app of a distributed attack. */
  readonly distributedApp: string | null;
  /** The app whose logins were counted. */
  readonly trackedApp: string | null;
  readonly isReport: boolean;
  /** The kind of mail that its words give away, where the body does not. */
  readonly summary: 'permblock' | 'netblock' | null;
}

/** `The IP address X (lookup) was found attacking APP on HOST N times in the last S seconds.` */
export interface ReportSentence {
  readonly address: string | null;
  readonly app: string | null;
  readonly host: string | null;
  readonly count: number;
  readonly intervalSeconds: number;
}

const LFD = /(?:^|[\s:(\]])lfd\s(?:\S{1,20}\s){0,2}(\S{1,255}):\s+(.{0,1000})$/i;
const REPORT = /^(?:[^\s:]{1,20}:\s+){0,4}.{0,80}\s(\S{2,49}) - \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d{4}$/;

/** Finds lfd's subject among the fields, wherever it was pasted; null when there is none. */
export function readSubject(groups: readonly (readonly Field[])[]): MailSubject | null {
  for (const field of groups.flat()) {
    const text = field.label === '' ? field.value : `${field.label}: ${field.value}`;
    const subject = readLfdSubject(text.slice(0, 1500)) ?? readReportSubject(text.slice(0, 400));
    if (subject !== null) return subject;
  }
  return null;
}

function readLfdSubject(text: string): MailSubject | null {
  const match = LFD.exec(text);
  if (match === null) return null;
  const [, host = '', rest = ''] = match;
  // The address stands before its own parenthesis; what is inside belongs to the visitor's DNS server.
  const address = firstAddress(rest);
  const words = rest.replace(/\(.*\)/, ' ');
  const named = { host: hostName(host), address, isReport: false, summary: summaryOf(words, address) };
  const account = address === null ? capture(/\s\[([^[\]]{1,254})\]\s*$/, rest) : null;
  if (account === null)
    return { ...named, account, distributedApp: null, trackedApp: capture(/\b(pop3d|imapd)\b/, words) };
  return { ...named, account, distributedApp: capture(/\bdistributed (\S{1,40}) /, rest), trackedApp: null };
}

function firstAddress(text: string): string | null {
  return findAddress(text.split('(')[0] ?? '')?.address ?? null;
}

function capture(pattern: RegExp, text: string): string | null {
  return pattern.exec(text)?.[1] ?? null;
}

function summaryOf(words: string, address: string | null): MailSubject['summary'] {
  if (address?.includes('/') === true || words.startsWith('Network class ')) return 'netblock';
  return /\bblocked permanently\s*$/.test(words) ? 'permblock' : null;
}

function readReportSubject(text: string): MailSubject | null {
  const match = REPORT.exec(text);
  if (match === null) return null;
  const address = findAddress(match[1] ?? '')?.address ?? null;
  if (address === null && !/abuse/i.test(text)) return null;
  const none = { host: null, account: null, distributedApp: null, trackedApp: null, summary: null };
  return { ...none, address, isReport: true };
}

/** Finds the sentence of an X-ARF report by its end: host, two numbers. Null when there is none. */
export function readReportSentence(groups: readonly (readonly Field[])[]): ReportSentence | null {
  for (const group of groups) {
    const text = group
      .map((field) => (field.label === '' ? field.value : `${field.label}: ${field.value}`))
      .join(' ');
    const sentence = readSentence(text);
    if (sentence !== null) return sentence;
  }
  return null;
}

function readSentence(text: string): ReportSentence | null {
  const end = /\s([\w.,-]{1,200}) \S{1,10} (\S{1,255}) (\d{1,9}) [^\d]{1,60} (\d{1,9}) [^\s\d]{1,20}$/.exec(
    text.slice(-700),
  );
  if (end === null || text.length > 2000) return null;
  const address = findAddress(text.split('(')[0] ?? '')?.address ?? null;
  return {
    address,
    app: end[1] ?? null,
    host: hostName(end[2] ?? ''),
    count: Number(end[3]),
    intervalSeconds: Number(end[4]),
  };
}

/** A host name as it stands, or null for what people write over one (`***`, `REMOVED`, `xxx.xxx`). */
function hostName(text: string): string | null {
  const host = text.toLowerCase();
  if (!/^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/.test(host) || !/[a-z]/.test(host)) return null;
  const masked = /^(?:x|removed|redacted|hidden|deleted|hostname|host|censored|masked|servername)+$/;
  return host.split('.').some((part) => masked.test(part)) ? null : host;
}
