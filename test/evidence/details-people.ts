// What exactly counts for HUMAN, CROSS, ORIGIN and HISTORY: one story a clause.
import type { Detail } from './details.ts';
import { crowd } from './rows-human.ts';
import { repeated, seconds } from './rows.ts';
import { cpanelLogin, failedMailLogin, ftpLogin, imapBlock, mailboxLogin } from './service-files.ts';
import {
  failedLogins,
  FIREFOX,
  hit,
  posted,
  refused,
  type Sent,
  views,
  visit,
  wordpressLogin,
} from './story.ts';

const wish = (at: number, who?: number, more: Partial<Sent> = {}): Sent =>
  posted(
    at,
    ['/wishlist/', '942440', 'colours'],
    { colours: 'red--blue, green--white' },
    {
      ...(who === undefined ? {} : { who }),
      ...more,
    },
  );
const one = [refused(0)];
const DAY = 86_400;
const joomla = (uris: readonly string[]): Sent[] => [
  {
    at: -100,
    uri: '/administrator/index.php',
    method: 'POST',
    status: 303,
    form: { username: 'jana', passwd: 'x' },
  },
  ...uris.map((uri, nth) => ({ at: -90 + nth * 10, uri })),
  ...one,
];

const both = [
  hit('942440', 'ARGS:colours', 'red--blue, green--white', '--'),
  hit('942100', 'ARGS:colours', 'red--blue, green--white', 'n;n'),
];

/** Ordinary visitors of one network. */
const neighbours = (count: number): Sent[] =>
  Array.from({ length: count }, (_, nth) => {
    const who = 8 + nth / 10;
    return [...visit({ who }), wish(40 + nth, who)];
  }).flat();
const elsewhere = (at: number, who: number): Sent => ({ ...wish(at, who), uri: '/cart/' });

export const PEOPLE_DETAILS: readonly Detail[] = [
  [
    'faster than a person who reads',
    'H1',
    'absent',
    {
      sent: [
        ...visit(),
        ...repeated(seconds(6, 0.2, -30), (at, nth) => ({ at, uri: `/fast/${nth}` })),
        ...one,
      ],
    },
  ],
  [
    'all pages after the refusal',
    'H1',
    'absent',
    { sent: [...one, ...views(20, { pages: ['/', '/a/', '/b/', '/c/'] })] },
  ],
  [
    'a program that lives on one page',
    'H1',
    'present',
    {
      sent: [
        ...seconds(9, 10, -100).flatMap((at, nth) => [
          { at, uri: `/mail/?_task=${nth % 2 === 0 ? 'mail' : 'settings'}` },
          { at: at + 1, uri: `/img/${nth}.png` },
        ]),
        ...one,
      ],
    },
  ],
  ['another browser read the pages', 'H1', 'absent', { sent: [...visit({ agent: FIREFOX }), ...one] }],
  ['pages of another account', 'H1', 'absent', { sent: [...visit({ host: '@b' }), ...one] }],
  ['a login five hours before', 'H2', 'present', { sent: [...wordpressLogin(-18_000), ...one] }],
  ['a login fourteen hours before', 'H2', 'absent', { sent: [...wordpressLogin(-50_400), ...one] }],
  [
    'five wrong passwords first: a guessed one is no proof',
    'H2',
    'absent',
    { sent: [...failedLogins(-300, 6, 10), ...wordpressLogin(-120), ...one] },
  ],
  ["another address's login", 'H2', 'absent', { sent: [...wordpressLogin(-120, true, { who: 1 }), ...one] }],
  [
    'a login on the site of another account',
    'H2',
    'absent',
    { sent: [...wordpressLogin(-120, true, { host: '@b' }), ...one] },
  ],
  [
    'only a page that answers anybody',
    'H2',
    'absent',
    { sent: [...wordpressLogin(-120).slice(0, 2), { at: -90, uri: '/wp-admin/admin-ajax.php' }, ...one] },
  ],
  [
    'a site that answers 200 to anybody there',
    'H2',
    'unknown',
    { sent: [...wordpressLogin(-120), { at: -60, uri: '/wp-admin/edit.php', who: 1 }, ...one] },
  ],
  [
    'Joomla: three pages of the back office',
    'H2',
    'present',
    {
      sent: joomla(
        ['cpanel', 'content', 'modules'].map((name) => `/administrator/index.php?option=com_${name}`),
      ),
    },
  ],
  [
    'Joomla: the login form each time',
    'H2',
    'absent',
    {
      sent: joomla(
        repeated(seconds(3, 1), (at) => ({ at, uri: '/administrator/index.php?option=com_login' })).map(
          ({ uri }) => uri,
        ),
      ),
    },
  ],
  [
    'visitors of one network are one',
    'X1',
    'absent',
    { sent: [...visit(), wish(0), ...crowd(1, wish), ...neighbours(4)] },
  ],
  [
    'visitors who do not browse',
    'X1',
    'absent',
    { sent: [...visit(), wish(0), ...[1, 2, 3, 4].map((who) => wish(30 + who, who))] },
  ],
  [
    'more attackers than visitors met the rule',
    'X1',
    'absent',
    {
      sent: [
        ...visit(),
        wish(0),
        ...crowd(3, wish),
        ...[4, 5, 6, 7].flatMap((who) => [refused(20, '/.env', { who }), wish(30, who)]),
      ],
    },
  ],
  [
    'the same rule and field in another place',
    'X1',
    'absent',
    { sent: [...visit(), wish(0), ...crowd(4, elsewhere)] },
  ],
  [
    'a second rule that others did not meet would have refused it too',
    'X1',
    'absent',
    { sent: [...visit(), wish(0, undefined, { hits: both }), ...crowd(4, wish)] },
  ],
  [
    'a second rule that others met as well',
    'X1',
    'present',
    {
      sent: [
        ...visit(),
        wish(0, undefined, { hits: both }),
        ...crowd(4, (at, who) => wish(at, who, { hits: both })),
      ],
    },
  ],
  ['FTP', 'O4', 'present', { sent: one, extra: [ftpLogin(-3600)] }],
  ['cPanel', 'O4', 'present', { sent: one, extra: [cpanelLogin(-3600)] }],
  ['a wrong mail password', 'O4', 'absent', { sent: one, extra: [failedMailLogin(-3600)] }],
  ['a mailbox opened nine days before', 'O4', 'absent', { sent: one, extra: [mailboxLogin(-9 * DAY)] }],
  [
    "wrong mail passwords of the mailbox's owner",
    'L1',
    'absent',
    { sent: one, extra: [imapBlock(-DAY), mailboxLogin(-3600)] },
  ],
];
