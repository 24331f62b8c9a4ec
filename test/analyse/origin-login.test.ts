// O4: a login counts when it belongs to the account whose sites were hit, and to no other.
import { expect, test } from '@jest/globals';
import { ownerLoggedIn } from '../../src/analyse/evidence/origin-login.ts';
import { NO_FACTS } from '../../src/analyse/evidence/evidence-input.ts';
import type { Evidence } from '../../src/model.ts';
import type { OwnerLogin } from '../../src/model-evidence.ts';
import { hit, input, START, transaction } from './fixtures.ts';

const MINUTE = 60_000;

function login(user: string, more: Partial<OwnerLogin> = {}): OwnerLogin {
  const at = START - 20 * MINUTE;
  const ref = { file: '/var/log/maillog', offset: 7 };
  return { address: '203.0.113.7', service: 'imap', user, firstAt: at, lastAt: at, ref, ...more };
}

const ACCOUNTS: Readonly<Record<string, string>> = {
  'shop.example.com': 'shopuser',
  'www.shop.example.com': 'shopuser',
  'addon.example.net': 'shopuser',
  'other.example.org': 'otheruser',
};

function judge(
  logins: readonly OwnerLogin[] | null,
  vhosts: readonly (string | null)[] = ['shop.example.com'],
): Evidence {
  return ownerLoggedIn(
    input({
      transactions: vhosts.map((vhost, index) => transaction(`id${String(index)}`, index * 1000, { vhost })),
      accounts: (host) => ACCOUNTS[host] ?? null,
      facts: { ...NO_FACTS, logins },
    }),
  );
}

test('the owner’s mailbox, with how long before and the line', () => {
  expect(judge([login('info@shop.example.com')])).toMatchObject({
    id: 'O4',
    status: 'present',
    direction: 'against',
    weight: -2.5,
    sentence:
      'The owner’s mailbox info@shop.example.com was opened from this address 20 min before the first refusal.',
    lines: [{ file: '/var/log/maillog', offset: 7 }],
  });
});

test.each<readonly [OwnerLogin, string]>([
  [login('shopuser', { service: 'cpanel' }), 'The owner logged in to cPanel as shopuser from'],
  [login('shopuser', { service: 'ftp' }), 'The owner’s FTP user shopuser logged in from'],
  [
    login('Info@ADDON.example.net', { service: 'smtp' }),
    'Mail was sent with the password of the owner’s mailbox',
  ],
  [
    login('info@mail.shop.example.com', { service: 'pop3' }),
    'The owner’s mailbox info@mail.shop.example.com',
  ],
  [
    login('a@b@shop.example.com', { service: 'webmail' }),
    'The webmail of the owner’s mailbox a@b@shop.example.com',
  ],
  [login('shopuser', { service: 'whm' }), 'The owner logged in to WHM as shopuser'],
])('%p belongs to the account', (one, words) => {
  const found = judge([one], ['www.shop.example.com']);
  expect(found.status).toBe('present');
  expect(found.sentence).toContain(words);
});

test.each([
  'info@other.example.org',
  'otheruser',
  'root',
  'info@unknown.example.com',
  'shop.example.com@other.example.org',
  'shopuser@other.example.org',
  'shop.example.com',
  '@',
])('%s is another account', (user) => {
  const found = judge([login(user)]);
  expect(found).toMatchObject({ status: 'absent', weight: 0 });
  expect(found.sentence).toContain(user);
  expect(found.lines).toHaveLength(1);
});

test('who rents a site and attacks his neighbours is no owner there', () => {
  const mine = login('info@other.example.org');
  expect(judge([mine], ['other.example.org', 'shop.example.com', 'shop.example.com']).status).toBe('absent');
  expect(judge([mine], ['other.example.org', 'other.example.org', 'shop.example.com']).status).toBe(
    'present',
  );
  expect(judge([mine], ['other.example.org', null, null]).status).toBe('absent');
});

test('of several logins the newest is named, and only those of the account are counted', () => {
  const late = login('b@shop.example.com', { lastAt: START + 3000 });
  const found = judge([late, login('info@other.example.org'), login('info@shop.example.com')]);
  expect(found.sentence).toBe(
    'The owner’s mailbox b@shop.example.com was opened from this address 3 s after the first refusal; 1 other login of the account was used from there too.',
  );
  expect(found.lines).toHaveLength(2);
});

test('where nothing was refused, the first rule hit is named', () => {
  const one = transaction('id', 0, { hits: [hit('942100')] });
  const facts = { ...NO_FACTS, logins: [login('shopuser')] };
  const found = ownerLoggedIn(input({ transactions: [one], accounts: () => 'shopuser', facts }));
  expect(found.sentence).toContain('20 min before the first rule hit');
});

test('absent and unknown', () => {
  expect(judge([])).toMatchObject({ status: 'absent', weight: 0 });
  expect(judge(null)).toMatchObject({ status: 'unknown', weight: 0 });
  expect(judge([login('shopuser')], ['nobody.example.org', null]).status).toBe('unknown');
  expect(judge([login('shopuser')], []).status).toBe('unknown');
});
