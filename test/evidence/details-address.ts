// What exactly counts for what is known of an address: DNS, csf's lists, lfd. One story a clause.
import type { Detail } from './details.ts';
import { entry, imapBlock, modsecBlock, sshdBlock } from './service-files.ts';
import { GOOGLEBOT, refused } from './story.ts';

const sent = [refused(0)];
const bot = { agent: GOOGLEBOT, sent };
const ALLOW = '/etc/csf/csf.allow';
const DAY = 86_400;

export const ADDRESS_DETAILS: readonly Detail[] = [
  [
    "Google's name that does not lead back to the address",
    'C7x',
    'present',
    { ...bot, dns: { state: 'mismatch', name: 'crawl-203-0-113-9.googlebot.com' } },
  ],
  ['no host name at all', 'C7x', 'present', { ...bot, dns: { state: 'none', name: null } }],
  [
    "a name that only begins like Google's",
    'C7x',
    'present',
    { ...bot, dns: { state: 'confirmed', name: 'crawl.googlebot.com.example.net' } },
  ],
  [
    'csf.ignore names it',
    'C8',
    'present',
    { sent, extra: [entry('/etc/csf/csf.ignore', (ip) => `${ip} # monitor`)] },
  ],
  [
    'csf.allow names its net',
    'C8',
    'present',
    {
      sent,
      extra: [entry(ALLOW, (ip) => `${ip}/32 # office`)],
    },
  ],
  [
    'csf.allow lets it in to one port',
    'C8',
    'present',
    { sent, extra: [entry(ALLOW, (ip) => `tcp|in|d=3306|s=${ip} # replication`)] },
  ],
  [
    'csf.allow lets the server out to it',
    'C8',
    'absent',
    { sent, extra: [entry(ALLOW, (ip) => `tcp|out|d=25|d=${ip} # relay`)] },
  ],
  [
    'csf.allow names another one',
    'C8',
    'absent',
    { sent, extra: [entry(ALLOW, () => '203.0.113.254 # office')] },
  ],
  [
    'a block list holds its net',
    'L3',
    'present',
    { sent, extra: [entry('/var/lib/csf/csf.block.SPAMDROP', (ip) => `${ip}/32`)] },
  ],
  [
    'a block list as a comment names it',
    'L3',
    'absent',
    { sent, extra: [entry('/var/lib/csf/csf.block.SPAMDROP', (ip) => `# ${ip} was taken off`)] },
  ],
  ['caught at SSH six weeks before', 'L1', 'absent', { sent, extra: [sshdBlock(-42 * DAY)] }],
  ['wrong mail passwords, and no login that worked', 'L1', 'present', { sent, extra: [imapBlock(-DAY)] }],
  [
    'caught on ModSecurity before',
    'L1',
    'absent',
    { sent, extra: [modsecBlock(-DAY), modsecBlock(-2 * DAY)] },
  ],
  [
    "a visitor's own name in the host name of lfd",
    'O2c',
    'present',
    { sent, extra: [modsecBlock(20, 'cable-24-113.customers.example.net')] },
  ],
  ['a host name that says nothing', 'O2h', 'absent', { sent, extra: [modsecBlock(20, 'www.example.net')] }],
];
