// The sentence lfd writes about a block, wherever it stands: lfd.log, csf.deny, csf.tempban, csf.tempip, mails.
//
// It is read by its shape, because admins translate it: `(app)` in front, the address as the first address
// token, the numbers at the end. Between address and numbers may stand a host name in parentheses, which
// the visitor's own DNS server chose: nothing is ever taken from it.
import type { LfdMessage } from '../model-csf.ts';
import { normalizeAddress, normalizeNet } from './address.ts';
import { triggerOfApps } from './lfd-apps.ts';
import { decodeBytes } from './text.ts';

/** An address or net found in a text: its normalised form and the offset behind it. */
interface FoundAddress {
  readonly address: string;
  readonly start: number;
  readonly end: number;
}

interface Tail {
  readonly account: string | null;
  readonly numbers: readonly number[];
}

const MAX_LENGTH = 262_144;
// Spares the library times and hex-looking words, each of which costs it an exception.
const IPV4_SHAPE = /^\d{1,3}(?:\.\d{1,3}){3}(?:\/\d{1,3})?$/;
const IPV6_SHAPE = /^[0-9a-fA-F:]{2,40}(?:::|(?::[0-9a-fA-F]{1,4}){4})|^::/;
/** What stands in the app's place without being one. */
const SUMMARIES: ReadonlySet<string> = new Set(['CT', 'PERMBLOCK', 'NETBLOCK']);
const EMPTY: LfdMessage = {
  address: null,
  trigger: null,
  apps: [],
  ruleId: null,
  count: null,
  intervalSeconds: null,
  account: null,
};

/** Gives an address or a net in its normalised form, or null. */
export function normalizeTarget(text: string): string | null {
  return text.includes('/') ? normalizeNet(text) : normalizeAddress(text);
}

/**
 * Finds the first address or net that stands as a word of its own, from an offset on.
 * A `:`, `,` or `.` that ends the clause is not taken for part of it. Null when there is none.
 */
export function findAddress(text: string, from = 0): FoundAddress | null {
  const token = /(?<![\w.:/-])[0-9a-fA-F:][0-9a-fA-F.:]{1,45}(?:\/\d{1,3})?(?![\w-])/g;
  token.lastIndex = from;
  for (let match = token.exec(text); match !== null; match = token.exec(text)) {
    for (let cut = 0; cut <= 2; cut++) {
      const word = match[0].slice(0, match[0].length - cut);
      if (!IPV4_SHAPE.test(word) && !IPV6_SHAPE.test(word)) continue;
      const address = cut === 0 || /[.:]/.test(match[0].charAt(word.length)) ? normalizeTarget(word) : null;
      if (address !== null) return { address, start: match.index, end: match.index + word.length };
    }
  }
  return null;
}

/**
 * The first address of a message, unless it stands in the parenthesis with the visitor's host name:
 * then the address itself was cut out. `(id:N)` and other short notes may stand before it.
 */
function findTarget(text: string, from: number): FoundAddress | null {
  const found = findAddress(text, from);
  if (found === null) return null;
  const before = text.slice(from, found.start).replace(/\([\w :,-]{0,60}\)/g, '');
  return before.includes('(') ? null : found;
}

/**
 * Reads lfd's message of any trigger, with or without the ` - *Blocked in csf* … [TRIGGER]` that lfd.log adds.
 * `trigger` is `LF_PERMBLOCK`/`LF_NETBLOCK` for those two, else the tag, else derived from the app.
 * Null for a text that is no such message (an admin's own comment).
 */
export function parseLfdMessage(text: string): LfdMessage | null {
  return text.length > MAX_LENGTH ? null : readLfdMessage(decodeBytes(text));
}

/** The same for a text that is decoded already, as in a mail. */
function readLfdMessage(text: string): LfdMessage | null {
  const { body, tag } = splitTag(text.replace(/^lfd(?:: | - )/, ''));
  const plain = body.trimEnd().replace(/ \(CF_ENABLE\)$/, '');
  const message =
    readCluster(plain) ??
    readWithApps(plain) ??
    readLoginTracking(plain) ??
    readAddressFirst(plain) ??
    readOther(plain);
  if (message === null) return null;
  const summed = message.trigger === 'LF_PERMBLOCK' || message.trigger === 'LF_NETBLOCK';
  return tag === null || summed ? message : { ...message, trigger: tag };
}

/** Reads a failure without count, as lfd logs it for ignored addresses: `TEXT ADDRESS`. Null without address. */
export function parseLfdMention(text: string): LfdMessage | null {
  if (text.length > MAX_LENGTH) return null;
  const plain = decodeBytes(text).trim();
  const found = findTarget(plain, 0);
  if (found === null) return null;
  const apps = appOfWords(plain.slice(0, found.start));
  return {
    ...EMPTY,
    address: found.address,
    apps,
    trigger: triggerOfApps(apps),
    ruleId: ruleIdOf(plain, found.start),
  };
}

/** Splits off ` - *…* port=80 [TRIGGER]`, which lfd.log has at the very end of a block's line. */
function splitTag(text: string): { body: string; tag: string | null } {
  const at = text.lastIndexOf(' - *');
  const match =
    at < 0 ? null : /^ - \*[^*[\]]{1,80}\*[^[\]]{0,80}\[([A-Z][A-Z0-9_]*)\]\s*$/.exec(text.slice(at));
  return match ? { body: text.slice(0, at), tag: match[1] ?? null } : { body: text, tag: null };
}

/** Numbers and `[account]` in the words behind the address and its parenthesis. */
function readTail(text: string, from: number): Tail {
  const tail = text.slice(Math.max(from, text.lastIndexOf(')') + 1)).slice(-400);
  const account = /\[([^[\]]{1,128})\]/.exec(tail);
  const words = account ? tail.replace(account[0], ' ') : tail;
  const numbers = [...words.matchAll(/(?<![\w.-])\d{1,15}(?![\w.-]*\w)/g)].map((match) => Number(match[0]));
  return { account: account?.[1] ?? null, numbers };
}

function ruleIdOf(text: string, end: number): string | null {
  return /\(id:(\d{1,10})\)/.exec(text.slice(0, end))?.[1] ?? null;
}

/** Another server of the cluster asked for the block: the address is the one behind its verb. */
function readCluster(text: string): LfdMessage | null {
  if (!text.startsWith('Cluster member ')) return null;
  const said = /\bsaid, (?:TEMP)?DENY /.exec(text);
  if (said === null) return null;
  const start = said.index + said[0].length;
  const found = findAddress(text.slice(start, start + 60));
  return found === null ? null : { ...EMPTY, address: found.address, trigger: 'LF_CLUSTER' };
}

/** `(app[,app]) words ADDRESS (lookup): N words S words`, and (CT), (PERMBLOCK), (NETBLOCK). */
function readWithApps(text: string): LfdMessage | null {
  const words = /^\(([\w.,-]{1,200})\) /.exec(text)?.[1];
  const apps = words === undefined ? [] : words.split(',').filter((app) => app !== '');
  const [first] = apps;
  if (words === undefined || first === undefined) return null;
  const found = findTarget(text, words.length + 3);
  const { numbers } = readTail(text, found?.end ?? words.length + 3);
  if (found === null && numbers.length < (first === 'CT' ? 1 : 2)) return null;
  return {
    ...EMPTY,
    address: addressOf(found),
    trigger: first === 'CT' ? connectionTrigger(text) : triggerOfApps(apps),
    apps: SUMMARIES.has(first) ? [] : apps,
    ruleId: ruleIdOf(text, found?.start ?? text.length),
    ...countsOf(numbers),
  };
}

function addressOf(found: FoundAddress | null): string | null {
  return found === null ? null : found.address;
}

/** The first number is the count; the interval is the last one, where there are two. */
function countsOf(numbers: readonly number[]): Pick<LfdMessage, 'count' | 'intervalSeconds'> {
  const [count = null] = numbers;
  return { count, intervalSeconds: numbers.length < 2 ? null : (numbers.at(-1) ?? null) };
}

function connectionTrigger(text: string): string {
  return text.startsWith('(CT) subnet ') ? 'CT_SUBNET_LIMIT' : 'CT_LIMIT';
}

/** `pop3d - N logins in S secs from ADDRESS for ACCOUNT exceeds R/hour`. */
function readLoginTracking(text: string): LfdMessage | null {
  const head = /^(\w{1,20}) - (\d{1,9}) [^\d]{1,60} (\d{1,9}) /.exec(text);
  if (head === null) return null;
  const found = findTarget(text, head[0].length);
  if (found === null) return null;
  const account = / (\S{1,254}) \S{1,30} \d{1,9}\/\S{1,20}$/.exec(text.slice(found.end).slice(-400));
  const app = head[1] ?? '';
  return {
    ...EMPTY,
    address: found.address,
    trigger: `LT_${app.toUpperCase()}`,
    apps: [app],
    count: Number(head[2]),
    intervalSeconds: Number(head[3]),
    account: account?.[1] ?? null,
  };
}

/** `ADDRESS (lookup), N distributed …`, `ADDRESS (lookup), more than N Apache 404 hits …`, `ADDRESS RELAY limit exceeded`. */
function readAddressFirst(text: string): LfdMessage | null {
  const found = findAddress(text.slice(0, 50));
  if (found?.start !== 0) return null;
  const relay = /(?:^|[ )])((?:[A-Z]{4,9})?RELAY)\)? \S{1,30} \S{1,30}$/.exec(
    text.slice(found.end).slice(-100),
  );
  if (relay) return { ...EMPTY, address: found.address, trigger: `RT_${relay[1] ?? ''}_LIMIT` };
  const { numbers, account } = readTail(text, found.end);
  const [count, second] = numbers;
  const interval = numbers.at(-1);
  if (count === undefined || interval === undefined || numbers.length < 2) return null;
  const base = { ...EMPTY, address: found.address, count, intervalSeconds: interval };
  if (numbers.length >= 3) {
    const status = second === 401 || second === 403 || second === 404;
    return status ? { ...base, trigger: `LF_APACHE_${second}` } : null;
  }
  if (account === null) return null;
  return { ...base, account, ...distributed(text.slice(found.end).slice(-400)) };
}

function distributed(tail: string): Pick<LfdMessage, 'trigger' | 'apps'> {
  const app = /(?:^|\)), \d{1,9} \S{1,40} (\S{1,40}) /.exec(tail)?.[1] ?? null;
  const trigger = app === 'FTP' || app === 'SMTP' ? `LF_DIST${app}` : 'LF_DISTATTACK';
  return { trigger, apps: app === null ? [] : [app] };
}

/** `*Port Scan* … ADDRESS. N hits in the last S seconds` and `UI: … ADDRESS`. */
function readOther(text: string): LfdMessage | null {
  const scan = /^\*[^*]{1,40}\* /.exec(text);
  const ui = /^UI: /.exec(text);
  const found = scan || ui ? findTarget(text, (scan ?? ui)?.[0].length ?? 0) : null;
  if (found === null) return null;
  if (ui) return { ...EMPTY, address: found.address, trigger: 'UI_RETRY' };
  const { numbers } = readTail(text, found.end);
  if (numbers.length < 2) return null;
  return {
    ...EMPTY,
    address: found.address,
    trigger: 'PS_LIMIT',
    ...countsOf(numbers),
  };
}

/** The app whose words these are, where no `(app)` stands in front. */
function appOfWords(words: string): readonly string[] {
  if (words.startsWith('cxs ')) return ['cxs'];
  if (words.startsWith('mod_security')) return ['mod_security'];
  if (words.startsWith('mod_qos')) return ['mod_qos'];
  if (words.startsWith('symlink')) return ['symlink'];
  return words.startsWith('Failed web page login') ? ['htpasswd'] : [];
}
