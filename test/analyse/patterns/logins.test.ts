// Logins in access logs: each application knows its own lines, and no other takes them for a login.
import { describe, expect, test } from '@jest/globals';
import { LOGIN_APPS, type LoginLine } from '../../../src/analyse/patterns/logins.ts';
import { CMS_LOGINS } from '../../../src/analyse/patterns/login-cms.ts';
import { TOOL_LOGINS } from '../../../src/analyse/patterns/login-tools.ts';

const QUESTIONS = ['isLogin', 'failed', 'loggedIn', 'proves', 'authors'] as const;

function lineOf(text: string): LoginLine {
  const [method = '', uri = '', status = ''] = text.split(' ');
  return { method, uri, status: Number(status), bytes: 1000 };
}

const cases = [...CMS_LOGINS, ...TOOL_LOGINS].flatMap((spec, at) =>
  QUESTIONS.map((question) => [spec.app, question, spec.lines[question], LOGIN_APPS[at]!] as const),
);

describe.each(cases)('%s: %s', (_app, question, lines, app) => {
  if (lines.fits.length > 0) {
    test.each(lines.fits)('%s', (text) => {
      expect(app[question](lineOf(text))).toBe(true);
    });
  }

  test.each(lines.fitsNot)('not %s', (text) => {
    expect(app[question](lineOf(text))).toBe(false);
  });
});

test('a line is the login of one application at most', () => {
  for (const text of cases.flatMap(([, , lines]) => [...lines.fits, ...lines.fitsNot])) {
    const apps = LOGIN_APPS.filter((app) => app.isLogin(lineOf(text))).map((app) => app.app);
    expect([text, apps.length <= 1]).toEqual([text, true]);
  }
});

test('what ModSecurity stopped is neither a failure nor a login, and a proof is a GET', () => {
  const uris = cases.flatMap(([, , lines]) => lines.fits).map((text) => lineOf(text).uri);
  for (const uri of uris) {
    for (const app of LOGIN_APPS) {
      const line = { method: 'POST', uri, bytes: 0 };
      expect(app.failed({ ...line, status: 403 }) || app.loggedIn({ ...line, status: 403 })).toBe(false);
      expect(app.proves({ ...line, status: 200 }) || app.authors({ ...line, status: 200 })).toBe(false);
    }
  }
});

test('author rights are never had without a proof, and where the answer is the same the proofs are several', () => {
  for (const app of LOGIN_APPS) {
    if (app.sameAnswer) expect(app.proofs).toBeGreaterThanOrEqual(3);
  }
  for (const [, , lines, app] of cases.filter(([, question]) => question === 'authors')) {
    for (const text of lines.fits) expect(app.proves(lineOf(text))).toBe(true);
  }
});

test('passwords are guessed where the table says so', () => {
  expect(LOGIN_APPS.filter((app) => app.guessing).map((app) => app.app)).toEqual([
    'WordPress',
    'WordPress xmlrpc',
    'Joomla',
    'user account',
  ]);
});

test('odd lines are no login', () => {
  for (const uri of ['', '?', '*', 'http://', '/%', `/${'a'.repeat(9000)}`, '/wp-login.php/../x', '\0']) {
    for (const app of LOGIN_APPS) {
      for (const question of QUESTIONS) {
        expect(app[question]({ method: null, uri, status: 200, bytes: null })).toBe(false);
        expect(app[question]({ method: 'POST', uri, status: 200, bytes: null })).toBe(false);
      }
    }
  }
});
