// What was asked: turns a word, log lines or a whole mail into one typed target.
import { normalizeAddress, normalizeNet } from '../parse/address.ts';
import { type LfdMail, parseLfdMail } from '../parse/lfd-mail.ts';
import { BadInput } from './errors.ts';
import { readPastedLines } from './pasted-line.ts';

export type Target =
  | { readonly kind: 'ip' | 'cidr' | 'domain' | 'uniqueId' | 'ruleId'; readonly value: string }
  | { readonly kind: 'line' | 'mail'; readonly value: string | null; readonly mail: LfdMail };

const DOMAIN = /^(?=.{4,253}$)(?:[a-z0-9_](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{1,62}$/;
// mod_unique_id writes 24 to 27 characters of this alphabet; libmodsecurity writes digits with a dot.
const UNIQUE_ID = /^(?:[A-Za-z0-9@_-]{20,32}|\d{10,20}\.\d{1,10})$/;
const RULE_ID = /^\d{3,10}$/;
const LIMIT = 1024 * 1024;

/**
 * Reads what a user typed or pasted: an IP in any spelling, a net, a domain, a unique_id, a rule id, log lines
 * or a mail (whole or in parts). Throws BadInput with a sentence that says what was wrong and what fits.
 */
export function readTarget(input: string): Target {
  if (input.length > LIMIT) {
    throw new BadInput('That is more than 1 MiB of text. Paste one mail, or the lines about one address.');
  }
  const text = input.replace(/^\uFEFF/, '').trim();
  if (text === '')
    throw new BadInput(
      'Nothing was given. Type an IP, a domain, a unique_id or a rule id, or paste a log line or a mail.',
    );
  const word = /\s/.test(text) ? null : readWord(text);
  if (word !== null) return word;
  const quoted = parseLfdMail(text);
  // Log lines without an address may be of the firewall's own files.
  const isPlain = quoted === null || (quoted.kind === 'log-lines' && quoted.addresses.length === 0);
  const mail = (isPlain ? readPastedLines(text) : null) ?? quoted;
  if (mail !== null) {
    return { kind: mail.kind === 'log-lines' ? 'line' : 'mail', value: mail.address, mail };
  }
  throw new BadInput(whyNot(text));
}

function readWord(text: string): Target | null {
  const bare = text.replace(/^[[("'<]+|[\])"'>,;]+$/g, '');
  const address = normalizeAddress(bare) ?? withoutPort(bare);
  if (address !== null) return { kind: 'ip', value: address };
  const net = normalizeNet(bare);
  if (net !== null) return wholeNet(net);
  if (RULE_ID.test(bare)) return { kind: 'ruleId', value: bare };
  const domain = asDomain(bare);
  if (domain !== null) return { kind: 'domain', value: domain };
  if (UNIQUE_ID.test(bare)) return { kind: 'uniqueId', value: bare };
  return null;
}

/** `203.0.113.7/32` is an address, not a net. */
function wholeNet(net: string): Target {
  const [address = '', bits] = net.split('/');
  return bits === (address.includes(':') ? '128' : '32')
    ? { kind: 'ip', value: address }
    : { kind: 'cidr', value: net };
}

/** `203.0.113.7:443` and `[2001:db8::7]:443`, as logs and browsers show them. */
function withoutPort(text: string): string | null {
  const match = /^(?:(\d{1,3}(?:\.\d{1,3}){3})|\[?([0-9a-fA-F:.]+)\]):\d{1,5}$/.exec(text);
  return match === null ? null : normalizeAddress(match[1] ?? match[2] ?? '');
}

function asDomain(text: string): string | null {
  const host = text
    .replace(/^https?:\/\//i, '')
    .replace(/[/:?#].*$/, '')
    .replace(/\.$/, '')
    .toLowerCase();
  return DOMAIN.test(host) ? host : null;
}

function whyNot(text: string): string {
  const shown = JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
  const parts = /^(\d+)\.(\d+)\.(\d+)\.(\d+)(?:\/(\d+))?$/.exec(text);
  if (parts !== null) {
    const big = parts.slice(1, 5).find((part) => Number(part) > 255);
    if (big !== undefined) return `${text} is not an address: ${big} is more than 255.`;
    if (parts[5] !== undefined) return `${text} is not a net: the number after the slash must be 1 to 32.`;
  }
  if (/^[0-9a-f:]+$/i.test(text) && text.includes(':')) {
    return `${text} is not an IPv6 address: it needs eight groups of up to four hex digits, or one "::".`;
  }
  return `${shown} was not understood. Give an IP or net, a domain, a unique_id, a rule id, log lines or a whole lfd mail.`;
}
