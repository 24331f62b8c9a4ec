// PACE and REACH: how fast it came, and what it asked for.
import { SERVER_NAME } from './server.ts';
import { lacking, repeated, row, type Row, seconds } from './rows.ts';
import { failedLogins, hit, refused, type Sent, sqli } from './story.ts';

const ALWAYS_PACED = 'an incident is made of requests with times, so its pace is always known';
const ALWAYS_ASKED = 'a line without its path is no line of a request, so what was asked for is always known';
const mail = (...cut: readonly string[]) => ({ sent: [refused(0)], mail: { cut } });

const numeric = (at: number, uri = '/status'): Sent =>
  refused(at, uri, {
    host: '192.0.2.80',
    hits: [
      hit('920350', 'REQUEST_HEADERS:Host', '192.0.2.80'),
      hit('920420', 'TX:content_type', '|application/csp-report|'),
    ],
  });

const missing = (at: number, uri: string): Sent => ({ at, uri, status: 404 });
const NAMES = 'alpha bravo carol delta echo fox golf hotel india juliet kilo lima'.split(' ');
const guess = (count: number, every: number, from = 5): { sent: Sent[] } => ({
  sent: [
    refused(0, '/wp-login.php'),
    ...failedLogins(from, count, every),
    refused(from + count * every, '/wp-login.php'),
  ],
});

export const PACE_REACH: readonly Row[] = [
  row('P1', {
    present: { sent: repeated(seconds(6, 0.3), (at) => refused(at)) },
    absent: { sent: repeated(seconds(6, 3), (at) => refused(at)) },
    unknown: ALWAYS_PACED,
  }),
  row('P1b', {
    present: { sent: repeated(seconds(10, 0.13), (at) => refused(at)) },
    absent: { sent: repeated(seconds(9, 0.2), (at) => refused(at)) },
    unknown: ALWAYS_PACED,
  }),
  row('P2', {
    present: { sent: repeated(seconds(9, 30), (at, nth) => refused(at + (nth % 2))) },
    absent: { sent: repeated([0, 4, 60, 75, 190, 200, 310, 313, 400], (at) => refused(at)) },
    unknown: ALWAYS_PACED,
  }),
  row('R1', {
    present: {
      sent: [refused(0), { at: 5, uri: '/.env', status: 404 }, { at: 9, uri: '/.env?x=1', status: 404 }],
    },
    absent: { sent: [refused(0), { at: 5, uri: '/download/backup.sql' }, missing(7, '/environment/')] },
    unknown: ALWAYS_ASKED,
  }),
  row('R1b', {
    present: {
      sent: [
        refused(0),
        ...['/.env', '/.git/config', '/backup.sql'].map((uri, nth) => missing(5 + nth, uri)),
      ],
    },
    absent: {
      sent: [
        refused(0),
        missing(5, '/.env'),
        missing(6, '/.git/config'),
        { at: 7, uri: '/phpmyadmin/', status: 200 },
      ],
    },
    unknown: ALWAYS_ASKED,
  }),
  row('R2', {
    present: { sent: [refused(0), ...NAMES.map((name, nth) => missing(2 + nth * 5, `/${name}/`))] },
    absent: { sent: [refused(0), ...NAMES.map((_name, nth) => missing(2 + nth * 5, `/items/${nth}`))] },
    unknown: lacking({ sent: [refused(0)] }, 'audit', 'access'),
  }),
  row('R3', {
    present: { sent: [refused(0), refused(20, '/api/report', { host: '@b' })] },
    absent: { sent: [refused(0), numeric(290), numeric(580), refused(650, '/api/report', { host: '@b' })] },
    unknown: { sent: [numeric(0)] },
  }),
  row('R3b', {
    present: {
      sent: ['@b', '@c', '@d'].map((host, nth) => sqli(nth * 30, ['/list.php', 'sort'], 'a%b"c', { host })),
    },
    absent: {
      sent: [
        refused(0, '/x', { host: '@b' }),
        refused(30, '/x', { host: '@c' }),
        refused(60, '/y', { host: '@c' }),
      ],
    },
    unknown: { sent: [numeric(0)] },
  }),
  row('R4', {
    present: { sent: repeated(seconds(5, 20), (at) => numeric(at)) },
    absent: { sent: [...repeated(seconds(3, 20), (at) => numeric(at)), refused(70), refused(90)] },
    unknown: mail('hostname'),
  }),
  row('R5', {
    present: {
      sent: [refused(0, '/', { host: SERVER_NAME }), refused(40, '/manager', { host: SERVER_NAME })],
    },
    absent: { sent: repeated(seconds(4, 60), (at) => refused(at, '/', { host: SERVER_NAME })) },
    unknown: mail('hostname'),
  }),
  row('R7', {
    present: guess(7, 5),
    absent: guess(4, 5),
    unknown: lacking(guess(7, 5), 'access'),
  }),
  row('R7b', {
    present: guess(22, 21, 5),
    absent: guess(12, 21, 5),
    unknown: lacking(guess(22, 21, 5), 'access'),
  }),
  row('R8', {
    present: {
      sent: [
        refused(0),
        ...[1, 2, 3].map((author) => ({ at: 2 * author, uri: `/?author=${author}`, status: 301 })),
      ],
    },
    absent: {
      sent: [refused(0), { at: 4, uri: '/?author=1', status: 301 }, { at: 8, uri: '/author/jana/' }],
    },
    // The path in an error_log has no query.
    unknown: lacking({ sent: [refused(0)] }, 'audit', 'access'),
  }),
];
