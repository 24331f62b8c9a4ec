// What a setting of csf.conf does, in words, and what it is often taken for: the one place for block, list and doctor.
// Source: csf.conf's own comments, and csf's code where the two differ (CSF 15.10).
import { count } from '../analyse/sentences.ts';
import { confNumber, ordinal } from './conf-numbers.ts';
import type { CsfSetting } from './firewall-view.ts';
import { spanWords, triggerInfo } from './triggers.ts';

export type SettingWords = Pick<CsfSetting, 'meaning' | 'misreading' | 'state'>;

type Conf = ReadonlyMap<string, string>;
type Teller = (value: string, conf: Conf) => string | (Partial<SettingWords> & { readonly meaning: string });

/** A block this short keeps nobody out. */
const SHORT_SECONDS = 60;
/** One refused form of an ordinary visitor makes this many lines. */
const FEW_REFUSALS = 2;
const LONGEST_VALUE = 120;

/** What this value of a setting does here. `conf` is the whole of csf.conf: some settings change what others mean. */
export function settingWords(name: string, value: string, conf: Conf): SettingWords {
  const said = (TELLERS.get(name) ?? byKind(name))(value, conf);
  return { misreading: null, state: 'ok', ...(typeof said === 'string' ? { meaning: said } : said) };
}

function byKind(name: string): Teller {
  if (name.endsWith('_INTERVAL')) return (value) => `counted over ${spanWords(Number(value))}`;
  if (name.endsWith('_PERMANENT')) return permanent;
  if (name.endsWith('_PERM')) return (value) => permanence(name, value);
  if (name.endsWith('_BLOCK_TIME')) return (value) => `blocked for ${spanWords(Number(value))}`;
  if (name.endsWith('_UNIQ')) return (value) => `from at least ${shown(value)} addresses`;
  if (name.endsWith('_COUNT')) return (value) => `after more than ${shown(value)}`;
  return (value) => triggerWordsOf(name, value);
}

function triggerWordsOf(name: string, value: string): string {
  if (Number(value) === 0) return 'switched off now';
  const one = triggerInfo(name)?.counted[0];
  const isNumber = /^\d{1,9}$/.test(value);
  return one === undefined || !isNumber
    ? `blocks at ${shown(value)}`
    : `blocks at the ${ordinal(Number(value))} ${one}`;
}

function permanent(value: string): string {
  return Number(value) === 0 ? 'for a time' : 'for good';
}

/** csf's comment calls 0 "do not block"; its code blocks permanently. Anything above 1 is seconds. */
function permanence(name: string, value: string): ReturnType<Teller> {
  const number = Number(value);
  if (number === 1) return 'for good';
  if (number === 0)
    return {
      meaning: 'for good (csf treats 0 like 1)',
      misreading: `csf.conf’s own comment says that 0 means no block. csf’s code blocks for good; ${name.replace(/_PERM$/, '')} = "0" is what means no block.`,
      state: 'warn',
    };
  const meaning = `for ${spanWords(number)}`;
  if (!(number < SHORT_SECONDS)) return meaning;
  return {
    meaning,
    misreading: `${shown(value)} is neither a number of tries nor of days: above 1 it is seconds. So short a block keeps nobody out.`,
    state: 'warn',
  };
}

const TELLERS: ReadonlyMap<string, Teller> = new Map<string, Teller>([
  [
    'LF_MODSEC',
    (value, conf) => {
      const meaning = triggerWordsOf('LF_MODSEC', value);
      const number = Number(value);
      if (number === 0)
        return {
          meaning: 'lfd blocks nobody for refusals by ModSecurity',
          misreading: 'The refusals themselves go on: the web server answers them, without the firewall.',
        };
      if ((confNumber(conf, 'LF_TRIGGER') ?? 0) > 0)
        return {
          meaning: 'refusals by ModSecurity count towards LF_TRIGGER',
          misreading: `${shown(value)} is not the limit while LF_TRIGGER is on: it only says that they count.`,
        };
      if (number > FEW_REFUSALS) return meaning;
      return {
        meaning,
        misreading:
          'One refused page can write two such lines, and its pictures and forms more: a single click of an ordinary visitor is enough.',
        state: 'warn',
      };
    },
  ],
  [
    'LF_TRIGGER',
    (value) =>
      Number(value) === 0
        ? 'each kind of failure is counted for itself'
        : {
            meaning: `blocks at the ${ordinal(Number(value))} failure of any kind, all kinds together`,
            misreading:
              'The numbers of LF_MODSEC, LF_SSHD and the others say only whether their failures count at all.',
          },
  ],
  [
    'LF_SELECT',
    (value) =>
      Number(value) === 0
        ? 'a block closes all ports'
        : {
            meaning: 'a block closes only the ports of the service that was attacked',
            misreading:
              'Such a block is written as one line a port, e.g. tcp|in|d=443|s=…: the address by itself stands nowhere in csf.deny, and mail and FTP still work for the visitor.',
          },
  ],
  [
    'DENY_IP_LIMIT',
    (value) =>
      Number(value) === 0
        ? 'nothing drops out of csf.deny'
        : {
            meaning: `csf.deny keeps ${count(Number(value), 'line')}; each new one then drops the oldest`,
            misreading: '“Permanent” in a mail of lfd means until newer blocks push the line out.',
          },
  ],
  [
    'DENY_TEMP_IP_LIMIT',
    (value) =>
      Number(value) === 0
        ? 'any number of temporary blocks'
        : `at most ${count(Number(value), 'temporary block')} at once; a new one ends the oldest before its time`,
  ],
  [
    'IGNORE_ALLOW',
    (value) =>
      Number(value) === 0
        ? {
            meaning: 'lfd counts and reports addresses in csf.allow like all others',
            misreading:
              'csf.allow lets an address through, but does not keep lfd from counting it and mailing that it was blocked. csf.ignore does that.',
          }
        : 'lfd passes over addresses in csf.allow',
  ],
  [
    'TESTING',
    (value) =>
      Number(value) === 0
        ? 'csf’s rules stay'
        : {
            meaning: 'csf takes its rules away again after some minutes, and lfd does not run',
            misreading: 'csf looks installed and switched on, but blocks nobody for long.',
            state: 'fail',
          },
  ],
  [
    'LF_DAEMON',
    (value) =>
      Number(value) === 0
        ? { meaning: 'lfd does not run: nobody is blocked anew, and no block ends', state: 'fail' }
        : 'lfd runs',
  ],
  [
    'LF_PERMBLOCK',
    (value, conf) =>
      Number(value) === 0
        ? 'temporary blocks stay temporary, however often they come'
        : `after more than ${countWords(conf, 'LF_PERMBLOCK_COUNT', 'temporary block')} within ${intervalWords(conf, 'LF_PERMBLOCK_INTERVAL')} the address is blocked for good`,
  ],
  ['LF_NETBLOCK', netblock],
  [
    'LF_NETBLOCK_CLASS',
    (value) =>
      NET_CLASSES.get(value.toUpperCase()) === undefined
        ? `a class that csf does not know: ${shown(value)}`
        : `nets of ${NET_CLASSES.get(value.toUpperCase()) ?? ''} are blocked as a whole`,
  ],
  [
    'LF_REPEATBLOCK',
    (value) =>
      Number(value) === 0
        ? 'an address that is blocked already is not blocked anew'
        : {
            meaning: `an address that is blocked already is written again, up to ${count(Number(value), 'time')}`,
            misreading: 'One address can then stand in csf.deny on several lines; an unblock takes out all.',
          },
  ],
  [
    'LF_BLOCKINONLY',
    (value) =>
      Number(value) === 0
        ? 'a block closes both ways'
        : {
            meaning: 'a block closes only the way in',
            misreading: 'This server can still connect to a blocked address.',
          },
  ],
  [
    'CC_DENY',
    (value) =>
      value.trim() === ''
        ? 'no country is kept out'
        : {
            meaning: `whole countries are kept out: ${shown(value)}`,
            misreading:
              'An address that is kept out so stands in no list, and csf -dr does not free it; csf.allow does.',
          },
  ],
  [
    'CF_ENABLE',
    (value) =>
      Number(value) === 0
        ? 'Cloudflare is not told of blocks'
        : {
            meaning: 'blocks of Cloudflare customers are made at Cloudflare too',
            misreading: 'Such a block ends at Cloudflare only with csf -tr, or when its time is over.',
          },
  ],
  [
    'CLUSTER_SENDTO',
    (value) =>
      value.trim() === ''
        ? 'no other server is told of blocks'
        : {
            meaning: `blocks are told to other servers: ${shown(value)}`,
            misreading: 'An unblock here is not told to them: csf -cr asks them to unblock, too.',
          },
  ],
  [
    'IPV6',
    (value) =>
      Number(value) === 0
        ? {
            meaning: 'csf leaves IPv6 alone: no IPv6 address is blocked',
            misreading: 'It does not close IPv6. A visitor who comes over IPv6 is not stopped by csf.',
          }
        : 'IPv6 addresses are blocked too',
  ],
  [
    'BLOCK_REPORT',
    (value) =>
      value.trim() === ''
        ? 'free: lfd calls nothing at a block'
        : `taken: lfd calls ${shown(value)} at a block`,
  ],
  [
    'LF_EMAIL_ALERT',
    (value) =>
      Number(value) === 0 ? 'lfd sends no mail of permanent blocks' : 'lfd mails each permanent block',
  ],
]);

/** Classes of LF_NETBLOCK_CLASS, and how many addresses one holds. */
const NET_CLASSES: ReadonlyMap<string, string> = new Map([
  ['A', '16,777,216 addresses (/8)'],
  ['B', '65,536 addresses (/16)'],
  ['C', '256 addresses (/24)'],
]);

function netblock(value: string, conf: Conf): ReturnType<Teller> {
  if (Number(value) === 0) return 'nets are not blocked as a whole';
  const wide = (conf.get('LF_NETBLOCK_CLASS') ?? 'C').toUpperCase();
  const size = NET_CLASSES.get(wide) ?? 'a class that csf does not know';
  return {
    meaning: `after more than ${countWords(conf, 'LF_NETBLOCK_COUNT', 'block')} of one net within ${intervalWords(conf, 'LF_NETBLOCK_INTERVAL')} the whole net is blocked for good: ${size}`,
    misreading:
      'Neighbours who did nothing are blocked with it, and csf -dr of one of them does not free it.',
    state: wide === 'C' ? 'ok' : 'warn',
  };
}

function countWords(conf: Conf, name: string, noun: string): string {
  const number = confNumber(conf, name);
  return number === null ? `${name} ${noun}s` : count(number, noun);
}

function intervalWords(conf: Conf, name: string): string {
  const seconds = confNumber(conf, name);
  return seconds === null ? name : spanWords(seconds);
}

/** A value as written, printable and not too long. */
function shown(value: string): string {
  const plain = value.replaceAll(/[^\x20-\x7e\u00a0-\uffff]+/g, ' ').trim();
  return plain.length > LONGEST_VALUE ? `${plain.slice(0, LONGEST_VALUE - 1)}…` : plain;
}
