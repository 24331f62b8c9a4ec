// The logs of other services that lfd reads (mail, ssh, FTP, cPanel): the newest lines about one address.
import { closeSync, readSync } from 'node:fs';
import { parseCsfConf } from '../parse/csf-conf.ts';
import { hasAddress } from '../parse/line-facts.ts';
import { problemOf } from './problems.ts';
import type { OpenFile, Root } from './root.ts';
import { readSmallFile } from './small-file.ts';

/** The settings of csf.conf that name such a log. */
export const SERVICE_LOGS = [
  'SMTPAUTH_LOG',
  'POP3D_LOG',
  'IMAPD_LOG',
  'SSHD_LOG',
  'FTPD_LOG',
  'CPANEL_LOG',
  'HTACCESS_LOG',
] as const;
export type ServiceLogKey = (typeof SERVICE_LOGS)[number];

/** The lines about an address in one log. */
export interface ServiceLines {
  /** As csf.conf names it; null when csf.conf does not. */
  readonly path: string | null;
  /** Null when the log was read. */
  readonly problem: string | null;
  /** True when only the end of a longer log was looked at. */
  readonly tailOnly: boolean;
  /** Oldest first, at most 20: the newest ones. latin1. */
  readonly lines: readonly { readonly offset: number; readonly text: string }[];
}

const TAIL_BYTES = 8 * 1024 * 1024;
/** Lines of one log that are given. */
export const MOST_SERVICE_LINES = 20;
const LONGEST_LINE = 16 * 1024;
const NEWLINE = 0x0a;

/**
 * Finds the newest lines that hold an address (normalised) as a word of its own, in the last 8 MiB of the log that
 * a setting of csf.conf names. A log that is not there or cannot be read gives its problem and no line.
 */
export function readServiceLog(
  root: Root,
  csfConf: string,
  key: ServiceLogKey,
  address: string,
): ServiceLines {
  const conf = readSmallFile(root, csfConf);
  const path = conf.problem === null ? (parseCsfConf(conf.text).get(key) ?? null) : null;
  if (path === null) return { path, problem: 'not named in csf.conf', tailOnly: false, lines: [] };
  const place = root.resolve(path);
  const opened = place.problem === null ? root.open(place) : place;
  if (opened.problem !== null) return { path, problem: opened.problem, tailOnly: false, lines: [] };
  try {
    return { path, problem: null, ...newestLines(opened, address) };
  } catch (error) {
    return { path, problem: problemOf(error), tailOnly: false, lines: [] };
  } finally {
    closeSync(opened.fd);
  }
}

function newestLines({ fd, stats }: OpenFile, address: string): Pick<ServiceLines, 'tailOnly' | 'lines'> {
  const start = Math.max(0, stats.size - TAIL_BYTES);
  const bytes = Buffer.alloc(stats.size - start);
  const tail = bytes.subarray(0, readSync(fd, bytes, 0, bytes.length, start));
  const lines: { offset: number; text: string }[] = [];
  let end = tail.length;
  while (end > 0 && lines.length < MOST_SERVICE_LINES) {
    const at = tail.lastIndexOf(address, end - 1, 'latin1');
    if (at < 0) break;
    const from = tail.lastIndexOf(NEWLINE, at) + 1;
    const next = tail.indexOf(NEWLINE, at);
    const text = tail.toString('latin1', from, next < 0 ? tail.length : next);
    if (text.length <= LONGEST_LINE && hasAddress(text, address))
      lines.unshift({ offset: start + from, text: text.replace(/\r$/, '') });
    end = from;
  }
  return { tailOnly: start > 0, lines };
}
