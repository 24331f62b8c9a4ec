// Who the lines that an lfd mail quotes are about: read from the one place in each where the server wrote it.
import { normalizeAddress } from './address.ts';
import type { QuotedLines } from './lfd-mail-lines.ts';
import { findAddress } from './lfd-message.ts';

/** Who the quoted lines are about, from the fixed place in each; without repeats, in order. */
export function clientsOf(quoted: QuotedLines): readonly string[] {
  const clients = quoted.lines.map((line) =>
    quoted.kind === 'records' ? recordAddress(line) : clientOf(line),
  );
  return [...new Set(clients.filter((client) => client !== null))];
}

function recordAddress(line: string): string | null {
  const words = line
    .slice(0, 400)
    .replace(/\(id:\d{1,10}\)/, '')
    .replace(/^[^(]{0,40}\([\w.,-]{1,100}\)/, '');
  return findAddress(words.split('(')[0] ?? '')?.address ?? null;
}

// Apache: [date] [level] [pid …] [client A:PORT] [client A]; the dates may be missing in what was pasted.
const APACHE =
  /^(?:\[[^[\]]{1,60}\] \[[^[\]]{1,40}\] (\[pid [^[\]]{1,60}\] )?)?\[(?:client|remote) ([0-9a-fA-F.:]{2,60})\](?: \[client ([0-9a-fA-F.:]{2,45})\])?/;
const NGINX =
  /^\d{4}\/\d\d\/\d\d [\d:]{8} \[\w{1,10}\] \d{1,10}#\d{1,10}: (?:\*\d{1,20} )?\[client ([0-9a-fA-F.:]{2,45})\]/;
const ACCESS = /^([0-9a-fA-F.:]{2,45}) \S{1,64} \S{1,64} \[\d\d\//;
const CONNECTION = /^(?:tcp|udp|icmp)6?: (\S{1,60}):\d{1,5} ->/;

/** Null where the address is cut out, or stands at no fixed place (mail and login logs). */
function clientOf(line: string): string | null {
  const head = line.slice(0, 400);
  const plain = CONNECTION.exec(head) ?? NGINX.exec(head) ?? ACCESS.exec(head);
  if (plain) return normalizeAddress(plain[1] ?? '');
  const match = APACHE.exec(head);
  return match === null ? null : apacheClient(match);
}

/** Apache 2.4 writes a port behind the address; with IPv6 only the second mention or `[pid` tells. */
function apacheClient([, pid, first = '', second = '']: RegExpExecArray): string | null {
  const repeated = normalizeAddress(second);
  if (repeated !== null && first.startsWith(second)) return repeated;
  const bare = normalizeAddress(first.replace(/:\d{1,5}$/, ''));
  return pid === undefined || bare === null ? (normalizeAddress(first) ?? bare) : bare;
}
