// What csf is started with. csf joins all its arguments with blanks and splits them again, so an argument is safe only when the
// joined text means the same: it looks for `-p` and `-d` anywhere behind the address, also in the middle of a word
// (`sub-page` is "port age" to it), and writes the comment as it is into its lists, newlines included.
import type { CsfCommand } from '../model-firewall.ts';
import { netCovers, normalizeAddress, usableNet } from './address.ts';

const OPTIONS: Readonly<Record<CsfCommand['kind'], string>> = {
  deny: '-d',
  allow: '-a',
  'temp-deny': '-td',
  'temp-allow': '-ta',
  'remove-deny': '-dr',
  'remove-allow': '-ar',
  'remove-temp-deny': '-trd',
  'remove-temp-allow': '-tra',
  'remove-temp': '-tr',
  'remove-cluster': '-cr',
};
/** csf makes an hour of anything below 2 s. */
const LEAST_SECONDS = 2;
const MOST_SECONDS = 31_536_000;
const MOST_PORTS = 15;
const COMMENT_LENGTH = 120;
/** Longer texts are cut before they are looked at. */
const TEXT_LENGTH = 4000;

/**
 * The arguments behind the program, for csf 14 and 15. Null when a part is not safe: a target that is no address or net in csf's
 * own form (`2001:db8:0:1::abc`), that is loopback or unspecified, or wider than /8 (IPv6: /16); a time that csf would not take as
 * it is; ports other than `80,443`. A net with host bits is taken only where an entry of that form may be removed. The comment
 * is reduced by `csfComment`; without one csf writes its own (`Manually denied: 203.0.113.9 (…)`). A direction is left to csf:
 * `in` for a temporary deny, both ways for a temporary allow.
 */
export function csfArgv(command: CsfCommand): readonly string[] | null {
  const { kind, target } = command;
  if (!isSafeTarget(target, !('comment' in command))) return null;
  const argv = [OPTIONS[kind], target];
  if ('seconds' in command) {
    const { seconds, ports } = command;
    if (!Number.isInteger(seconds) || seconds < LEAST_SECONDS || seconds > MOST_SECONDS) return null;
    argv.push(String(seconds));
    if (ports !== null) {
      if (!arePorts(ports)) return null;
      argv.push('-p', ports);
    }
  }
  const comment = 'comment' in command ? csfComment(command.comment) : '';
  return comment === '' ? argv : [...argv, comment];
}

/**
 * A command as an admin would type it, e.g. `csf -dr 203.0.113.9`; what is not simple stands in single quotes, which no argument
 * can hold. For a command that is never run (`csfArgv` gives null) the option alone.
 */
export function csfShown(command: CsfCommand): string {
  const argv = csfArgv(command) ?? [OPTIONS[command.kind], '…'];
  return ['csf', ...argv.map((word) => (/^[\w.,:/…-]+$/.test(word) ? word : `'${word}'`))].join(' ');
}

/**
 * A text reduced to what is safe as a comment: letters, digits, blanks and `.,:()_/-`, at most 120 characters. No dash begins or
 * ends a word or stands before a p or d; none of the words that csf acts on stays (`Include` hides an entry, `do not delete`
 * keeps it for good, `CF_ENABLE` reaches Cloudflare), nor the beginning by which lfd's own entries are known. Empty for a text
 * of which nothing is left. Applied twice it gives the same.
 */
export function csfComment(text: string): string {
  return text
    .slice(0, TEXT_LENGTH)
    .replace(/[^A-Za-z0-9 .,:()_/-]+/g, ' ')
    .replace(/(^| )-+/g, '$1')
    .replace(/-+(?= |$)/g, '')
    .replace(/-(?=-*[pd])/gi, '_')
    .replace(/ {2,}/g, ' ')
    .trim()
    .slice(0, COMMENT_LENGTH)
    .replace(/[ -]+$/, '')
    .replace(/do not delete/gi, (words) => words.replaceAll(' ', '_'))
    .replace(/Include/g, 'include')
    .replace(/CF_ENABLE/gi, 'CF ENABLE')
    .replace(/^lfd(?: *[:-])+ */i, 'lfd ')
    .trim();
}

function isSafeTarget(target: string, hostBits: boolean): boolean {
  if (!target.includes('/')) return normalizeAddress(target) === target && isOutside(target);
  const [address = '', bits = ''] = target.split('/', 2);
  const net = usableNet(target);
  if (net === null || target !== `${address}/${bits}` || normalizeAddress(address) !== address) return false;
  if (!/^[1-9]\d{0,2}$/.test(bits) || (net !== target && !hostBits)) return false;
  return isOutside(address);
}

/**
 * Not loopback, nor "any address", which means everybody to the firewall; nor what else begins with zeros in IPv6: nobody comes from
 * there, and its short form is another one in csf.
 */
function isOutside(address: string): boolean {
  return !['127.0.0.0/8', '0.0.0.0/8', '::/16'].some((net) => netCovers(net, address));
}

function arePorts(ports: string): boolean {
  if (!/^[1-9]\d{0,4}(?:,[1-9]\d{0,4}){0,14}$/.test(ports)) return false;
  const list = ports.split(',').map(Number);
  return list.length <= MOST_PORTS && list.every((port) => port <= 65_535);
}
