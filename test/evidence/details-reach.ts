// What exactly counts for REACH and PACE: one story a clause.
import type { Detail } from './details.ts';
import { repeated, seconds } from './rows.ts';
import { failedLogins, hit, PYTHON, refused, type Sent, visit, wordpressLogin } from './story.ts';

const missing = (at: number, uri: string, more: Partial<Sent> = {}): Sent => ({
  at,
  uri,
  status: 404,
  ...more,
});
const LETTERS = 'abcdefghijkl'.split('');
const login = (at: number, uri: string, status: number, more: Partial<Sent> = {}): Sent => ({
  at,
  uri,
  status,
  method: 'POST',
  form: { username: 'admin', passwd: 'guess' },
  ...more,
});
const attempts = (uri: string, status: number, more: Partial<Sent> = {}): Sent[] => [
  refused(0),
  ...repeated(seconds(8, 5, 3), (at) => login(at, uri, status, more)),
];
const xmlrpc = (method: string): Sent[] => [
  ...repeated(seconds(8, 5), (at) =>
    refused(at, '/xmlrpc.php', {
      status: 200,
      headers: { 'Content-Type': 'text/xml' },
      body: `<?xml version="1.0"?><methodCall><methodName>${method}</methodName></methodCall>`,
      hits: [hit('920300', 'REQUEST_HEADERS', '')],
    }),
  ),
];

export const REACH_DETAILS: readonly Detail[] = [
  [
    'a tool that may be installed: the site says 404',
    'R1',
    'present',
    { sent: [refused(0), missing(20, '/phpmyadmin/')] },
  ],
  [
    'a tool that may be installed: somebody else gets an answer there',
    'R1',
    'absent',
    { sent: [refused(0), missing(20, '/phpmyadmin/'), { at: 30, uri: '/phpmyadmin/', who: 1 }] },
  ],
  [
    'a tool that may be installed: the firewall stopped the request',
    'R1',
    'absent',
    { sent: [refused(0), refused(20, '/phpmyadmin/')] },
  ],
  ['asked three hours before', 'R1', 'present', { sent: [refused(-10_800, '/.env'), refused(0)] }],
  ['asked the day before yesterday', 'R1', 'absent', { sent: [refused(-180_000, '/.env'), refused(0)] }],
  [
    'pictures that are missing do not count',
    'R2',
    'absent',
    { sent: [refused(0), ...LETTERS.map((letter, nth) => missing(3 + nth, `/img/${letter}.png`))] },
  ],
  [
    'too slow for one search',
    'R2',
    'absent',
    { sent: [refused(0), ...LETTERS.map((letter, nth) => missing(3 + nth * 20, `/${letter}/`))] },
  ],
  [
    'a site with a proved login does not count as an account',
    'R3',
    'absent',
    { sent: [...wordpressLogin(-200), refused(0), refused(30, '/api/report', { host: '@b' })] },
  ],
  [
    'four accounts and nothing wanted of them',
    'R3b',
    'absent',
    { sent: ['@b', '@c', '@d', '@e'].map((host, nth) => refused(nth * 30, '/api/report', { host })) },
  ],
  [
    'four accounts and nothing wanted of them: the weak step holds',
    'R3',
    'present',
    { sent: ['@b', '@c', '@d', '@e'].map((host, nth) => refused(nth * 30, '/api/report', { host })) },
  ],
  [
    'three accounts and the same probe at each',
    'R3b',
    'present',
    { sent: ['@b', '@c', '@d'].map((host, nth) => refused(nth * 30, '/.env', { host })) },
  ],
  [
    'a service name belongs to its domain',
    'R5',
    'absent',
    { sent: [refused(0, '/', { host: 'webmail.SITE' }), refused(20, '/mail', { host: 'webmail.SITE' })] },
  ],
  [
    'a name that nobody owns here is the bare server',
    'R5',
    'present',
    {
      sent: [
        refused(0, '/', { host: 'parked.example.net' }),
        refused(20, '/a', { host: 'parked.example.net' }),
      ],
    },
  ],
  [
    'a lost password is no attempt',
    'R7',
    'absent',
    { sent: [refused(0), ...failedLogins(3, 8, 5, { uri: '/wp-login.php?action=lostpassword' })] },
  ],
  [
    'a request that the firewall stopped is no attempt',
    'R7',
    'absent',
    { sent: repeated(seconds(8, 5), (at) => refused(at, '/wp-login.php')) },
  ],
  [
    'Joomla answers 303 to a wrong password too',
    'R7',
    'present',
    { sent: attempts('/administrator/index.php', 303) },
  ],
  [
    'saving in the back office is no login',
    'R7',
    'absent',
    { sent: attempts('/administrator/index.php?option=com_content', 303) },
  ],
  ['Drupal shows its form again', 'R7', 'present', { sent: attempts('/user/login', 200) }],
  ['Drupal lets in', 'R7', 'absent', { sent: attempts('/user/login', 303) }],
  ['passwords by XML-RPC', 'R7', 'present', { agent: PYTHON, sent: xmlrpc('wp.getUsersBlogs') }],
  ['articles by XML-RPC', 'R7', 'absent', { agent: 'wp-android/26.1', sent: xmlrpc('metaWeblog.editPost') }],
  [
    'a burst of the page itself, login proved',
    'P1b',
    'absent',
    {
      sent: [
        ...wordpressLogin(-100),
        ...repeated(seconds(12, 0.1), (at) => refused(at, '/wp-admin/admin-ajax.php')),
      ],
    },
  ],
  [
    'a burst of the page itself, no login',
    'P1b',
    'present',
    { sent: [...visit(), ...repeated(seconds(12, 0.1), (at) => refused(at, '/wp-admin/admin-ajax.php'))] },
  ],
];
