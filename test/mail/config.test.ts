import { expect, test } from '@jest/globals';
import { mailProgram, mailSettings } from '../../src/actions/mail-settings.ts';
import { parseConfig } from '../../src/config.ts';

const config = (mail: unknown): ReturnType<typeof parseConfig> =>
  parseConfig(JSON.stringify({ mail }), 'c.json');

test('an address is all that is needed', () => {
  const { mail } = config({ to: ['admin@example.com', 'root', 'admin@example.com'] });
  expect(mailSettings(mail, 'Server.example.com')).toEqual({
    to: ['admin@example.com', 'root@server.example.com'],
    from: 'whyblocked@server.example.com',
    policy: 'all',
    networks: 3,
    daily: false,
    digestAt: '07:00',
    quiet: null,
    quietLets: 'nothing',
    perHour: 20,
    smtp: null,
    whm: null,
  });
  expect(mailSettings(mail, 'not a name\r\nBcc: x@example.org')?.from).toBe('whyblocked@localhost');
  expect(mailSettings(mail, null)?.to).toContain('root@localhost');
});

test('everything that can be set', () => {
  const smtp = { host: 'mail.example.com', port: 465, secure: true, user: 'u', passwordFile: '/etc/p' };
  const { mail } = config({
    to: ['o.h+a@example.com'],
    from: 'waf@example.com',
    policy: 'digest',
    networks: 5,
    digestAt: '08:15',
    quiet: { from: '22:00', to: '07:00' },
    quietLets: 'false-positives',
    perHour: 3,
    via: smtp,
    whm: 'https://server.example.com:2087/',
  });
  expect(mailSettings(mail, null)).toEqual({
    to: ['o.h+a@example.com'],
    from: 'waf@example.com',
    policy: 'digest',
    networks: 5,
    daily: true,
    digestAt: '08:15',
    quiet: { from: '22:00', to: '07:00' },
    quietLets: 'false-positives',
    perHour: 3,
    smtp,
    whm: 'https://server.example.com:2087',
  });
  expect(mailProgram(mail)).toBeUndefined();
});

test('no section, and the policy off: none are sent', () => {
  expect(mailSettings(parseConfig('{}', 'c.json').mail, 'h')).toBeNull();
  expect(mailSettings(config({ to: ['root'], policy: 'off' }).mail, 'h')).toBeNull();
});

test('a program of its own is one of the acts', () => {
  const { acts, mail } = config({ to: ['root'], via: { command: ['/usr/lib/sendmail', '-t'] } });
  expect(acts.sendmail).toEqual(['/usr/lib/sendmail', '-t']);
  expect(mailSettings(mail, null)?.smtp).toBeNull();
});

test.each([
  [{ to: [] }, /"mail\.to"/],
  [{}, /"mail\.to"/],
  [{ to: ['a@example.com\r\nBcc: b@example.com'] }, /"mail\.to\.0": must be one mail address/],
  [{ to: ['Admin <a@example.com>'] }, /must be one mail address/],
  [{ to: ['a@example.com,b@example.com'] }, /must be one mail address/],
  [{ to: ['"a b"@example.com'] }, /must be one mail address/],
  [{ to: ['-t'] }, /must be one mail address/],
  [{ to: ['root'], from: 'a b@example.com' }, /"mail\.from"/],
  [{ to: ['root'], digestAt: '24:00' }, /"mail\.digestAt": must be a time of day/],
  [{ to: ['root'], quiet: { from: '22:00', to: '22:00' } }, /"mail\.quiet": must begin and end at different/],
  [{ to: ['root'], quiet: { from: '22:00', to: '08:00' } }, /"mail\.digestAt": lies in the quiet hours/],
  [{ to: ['root'], quiet: { from: '06:00', to: '08:00' }, digestAt: '06:00' }, /lies in the quiet hours/],
  [{ to: ['root'], policy: 'some' }, /"mail\.policy"/],
  [{ to: ['root'], via: 'smtp' }, /"mail\.via": must be "sendmail"/],
  [{ to: ['root'], via: { command: ['sendmail'] } }, /"mail\.via/],
  [{ to: ['root'], via: { host: 'h', port: 25, secure: false, user: 'u' } }, /needs both "user" and/],
  [{ to: ['root'], whm: 'http://server.example.com' }, /"mail\.whm": must be where WHM answers/],
  [{ to: ['root'], whm: 'https://x/?"' }, /"mail\.whm"/],
  [{ to: ['root'], color: 1 }, /"mail": .*color/],
])('%j is refused', (mail, message) => {
  expect(() => config(mail)).toThrow(message);
});
