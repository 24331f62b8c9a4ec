// HUMAN: somebody who had logged in to the site.
import type { Evidence } from '../../model.ts';
import { count } from '../sentences.ts';
import { flagged, linesOf, type EvidenceInput } from './evidence-input.ts';
import { loginsIn, provedLogins } from './logins.ts';
import { absent, present, unknown } from './statement.ts';

const LOGIN_COOKIE = /^wordpress_logged_in_/i;

/** H2: a login in the 12 h before, proved by pages that only a login gives. */
export function loggedIn(input: EvidenceInput): Evidence {
  if (!input.has.accessLog || (input.context === null && input.lookBack === null))
    return unknown('H2', 'Whether it had logged in: no access log shows it.');
  const [proof] = provedLogins(input).toSorted(
    (a, b) => Number(b.authors) - Number(a.authors) || b.at - a.at,
  );
  if (proof !== undefined) {
    const pages = proof.lines.length - 1;
    const what = proof.authors ? 'pages that only authors get' : 'pages that only a login gives';
    const sentence = `It had logged in to ${proof.app} and opened ${count(pages, 'page')} of those: ${what}.`;
    return present(
      'H2',
      sentence,
      proof.lines.map(({ ref }) => ref),
    );
  }
  const { openToAll } = loginsIn(input);
  if (openToAll.length > 0)
    return unknown(
      'H2',
      `Whether the login to ${openToAll.join(' and ')} worked: its pages answer anybody here.`,
    );
  if (!input.contextCovered)
    return unknown('H2', 'Whether it had logged in: the access logs do not cover the time.');
  return absent('H2', 'No login that pages behind it prove is in the access log of the hours before.');
}

/** H2c: it sent a login cookie, which anybody can make up. */
export function loginCookie(input: EvidenceInput): Evidence {
  const records = flagged(input).filter(({ request }) => request !== null);
  if (records.length === 0) return unknown('H2c', 'Which cookies it sent: no audit record shows them.');
  const withCookie = records.filter(({ request }) =>
    request?.cookieNames.some((name) => LOGIN_COOKIE.test(name)),
  );
  if (withCookie.length === 0) return absent('H2c', 'It sent no login cookie.');
  return present(
    'H2c',
    'It sent a login cookie (which proves nothing: names can be made up).',
    linesOf(withCookie),
  );
}
