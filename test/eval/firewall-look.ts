// csf's lists as they stand, read without the product's parsers: an entry is the first word of a line.
import type { CsfCommand } from '../../src/model-firewall.ts';
import type { CsfServer } from '../csf/kit.ts';

/** Entries of the four lists that acts change. */
export interface Kept {
  readonly deny: readonly string[];
  readonly allow: readonly string[];
  readonly tempban: readonly string[];
  readonly tempallow: readonly string[];
}

/** What stands in them now. */
export function keptNow(server: CsfServer): Kept {
  return {
    deny: (server.read('deny') ?? '').split('\n'),
    allow: server.entries('allow'),
    tempban: server.entries('tempban'),
    tempallow: server.entries('tempallow'),
  };
}

/** Whether the lists show what a command was to do. */
export function listed({ deny, allow, tempban, tempallow }: Kept, command: CsfCommand): boolean {
  const { kind, target } = command;
  const first = (line: string): string => line.split(/\s/, 1)[0] ?? '';
  const about = (line: string): boolean =>
    first(line) === target || first(line).split('|').includes(`s=${target}`);
  const temporary = (lines: readonly string[]): string[] =>
    lines.filter((line) => line.split('|')[1] === target);
  switch (kind) {
    case 'deny':
      return deny.some((line) => first(line) === target);
    case 'allow':
      return allow.includes(target);
    case 'temp-deny':
      return temporary(tempban).some((line) => fits(line, command.seconds, command.ports));
    case 'temp-allow':
      return temporary(tempallow).some((line) => fits(line, command.seconds, command.ports));
    case 'remove-deny':
      return !deny.some((line) => about(line) && !/do not delete/i.test(line));
    case 'remove-allow':
      return !allow.includes(target);
    case 'remove-temp-deny':
      return temporary(tempban).length === 0;
    case 'remove-temp-allow':
      return temporary(tempallow).length === 0;
    case 'remove-temp':
      return temporary(tempban).length + temporary(tempallow).length === 0;
    default:
      return true;
  }
}

function fits(line: string, seconds: number, ports: string | null): boolean {
  const [since = '', , named = '', , ttl = ''] = line.split('|');
  const left = Number(since) + Number(ttl) - Date.now() / 1000;
  return named === (ports ?? '') && left > 0 && left >= seconds - 120;
}
