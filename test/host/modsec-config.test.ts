import { expect, test } from '@jest/globals';
import { makeServer } from './make-root.ts';

const CONF = '/etc/apache2/conf.d';

test('reads what is there, in Apache’s order, and tells the engine', () => {
  const root = makeServer();
  root.write(`${CONF}/modsec2.conf`, 'SecRuleEngine On\n');
  root.write(`${CONF}/modsec2.whitelist.conf`, '# CMC\n');
  root.write(`${CONF}/modsec/modsec2.user.conf`, '# own\n');
  root.write(`${CONF}/other.conf`, 'SecRuleEngine Off\n');
  root.write('/etc/cpanel/ea4/modsecurity.version', '2.9.13\n');
  expect(root.host().modsecConfig()).toEqual({
    files: [
      { path: `${CONF}/modsec2.conf`, text: 'SecRuleEngine On\n' },
      { path: `${CONF}/modsec2.whitelist.conf`, text: '# CMC\n' },
      { path: `${CONF}/modsec/modsec2.user.conf`, text: '# own\n' },
    ],
    entries: [`${CONF}/modsec2.conf`, `${CONF}/modsec2.whitelist.conf`],
    version: '2.9.13',
    litespeed: false,
    nginx: false,
  });
});

test('where the main file is missing the files it would include are entries', () => {
  const root = makeServer();
  root.write(`${CONF}/modsec/modsec2.cpanel.conf`, '# a\n');
  root.write(`${CONF}/modsec/modsec2.user.conf`, '# b\n');
  root.write(`${CONF}/modsec2.whitelist.conf`, '# c\n');
  expect(root.host().modsecConfig().entries).toEqual([
    `${CONF}/modsec/modsec2.user.conf`,
    `${CONF}/modsec/modsec2.cpanel.conf`,
    `${CONF}/modsec2.whitelist.conf`,
  ]);
});

test('other servers and an odd version', () => {
  const root = makeServer();
  root.write('/usr/local/lsws/bin/lshttpd', '');
  root.write('/etc/nginx/conf.d/modsec30.conf', '');
  root.write('/etc/cpanel/ea4/modsecurity.version', 'two <b>\n');
  root.write(`${CONF}/modsec2.conf`, 'x'.repeat(5 * 1024 * 1024));
  expect(root.host().modsecConfig()).toEqual({
    files: [],
    entries: [],
    version: null,
    litespeed: true,
    nginx: true,
  });
});
