// In which form a log is written, by its first bytes; of logs that are read only when they are asked about by their last lines.
import { auditForm } from '../parse/audit-form.ts';
import { parseAccessLogLine } from '../parse/access-log.ts';
import { logBase, nameOf } from '../host/log-names.ts';
import type { LogFile } from '../model.ts';
import type { Context } from './context.ts';
import { firstBytes } from './ingest-file.ts';

const HEAD_BYTES = 4096;
const TAIL_BYTES = 16 * 1024;

const AUDIT_FORMS = {
  native: 'native (ModSecurity 2)',
  native3: 'native (ModSecurity 3)',
  json: 'JSON',
  index: 'index of single files (concurrent)',
} as const;

/** How the lines of an error log begin. */
const ERROR_FORMS: readonly (readonly [RegExp, string])[] = [
  [/^\[[A-Z][a-z]{2} [A-Z][a-z]{2} \d\d /m, 'Apache'],
  [/^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d \[/m, 'nginx'],
  [/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)? \[/m, 'LiteSpeed'],
];

/** What the last lines of an access log show. */
export interface TailLook {
  readonly format: string | null;
  readonly lines: number;
  /** Lines that were not understood. */
  readonly refused: readonly string[];
}

/** The form of a log that is read whole; null for an empty file, `not known` for another form. Throws ReadProblem. */
export async function logFormat(ctx: Context, log: LogFile): Promise<string | null> {
  if (log.kind === 'lfd_log') return 'lfd';
  if (log.kind === 'login_log') return LOGIN_FORMS[logBase(nameOf(log.path))] ?? 'syslog';
  const head = await firstBytes(ctx.host, log, HEAD_BYTES);
  if (head.length === 0) return null;
  if (log.kind === 'audit_log') {
    const form = auditForm(head);
    return form === null ? 'not known' : AUDIT_FORMS[form];
  }
  const text = head.toString('latin1');
  return ERROR_FORMS.find(([form]) => form.test(text))?.[1] ?? 'not known';
}

const LOGIN_FORMS: Readonly<Record<string, string>> = {
  exim_mainlog: 'exim',
  login_log: 'cPanel',
  session_log: 'cPanel',
};

/** Reads the last lines of an access log. Throws ReadProblem. */
export async function accessTail(ctx: Context, log: LogFile): Promise<TailLook> {
  const from = Math.max(0, log.size - TAIL_BYTES);
  const text = await textFrom(ctx, log, from);
  // Unless it begins the file, the first piece is the end of a line; the last one may be half written.
  const lines = text.split('\n').slice(from > 0 ? 1 : 0, -1);
  const entries = lines.map((line) => ({ line, entry: parseAccessLogLine(line) }));
  const last = entries.findLast(({ entry }) => entry !== null);
  return {
    format: last === undefined ? null : formatOf(last.line, last.entry?.vhost ?? null),
    lines: lines.length,
    refused: entries.filter(({ entry, line }) => entry === null && line !== '').map(({ line }) => line),
  };
}

async function textFrom(ctx: Context, log: LogFile, from: number): Promise<string> {
  const pieces: string[] = [];
  for await (const { bytes } of ctx.host.readChunks(log, from, TAIL_BYTES))
    pieces.push(bytes.toString('latin1'));
  return pieces.join('');
}

/** Only the combined form ends with two quoted fields. */
function formatOf(line: string, vhost: string | null): string {
  const form = /" \d{3} (?:\d+|-) "/.test(line) ? 'combined' : 'common';
  return vhost === null ? form : `${form} behind the vhost`;
}
