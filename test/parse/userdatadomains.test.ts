import { expect, test } from '@jest/globals';
import { parseUserdatadomains, userdataAddresses } from '../../src/parse/userdatadomains.ts';
import { parseUserdataVhost } from '../../src/parse/userdata-vhost.ts';
import { readSamples, testSamples, testSurvival } from './samples.ts';

testSamples('userdatadomains', (raw) => parseUserdatadomains(raw)[0] ?? null);
testSurvival('userdatadomains', parseUserdatadomains);
testSamples('userdata-vhost', (raw) => (raw === '' ? null : parseUserdataVhost(raw)));
testSurvival('userdata-vhost', parseUserdataVhost);

test('a whole file gives its good lines in order', () => {
  const raws = readSamples('userdatadomains');
  const vhosts = parseUserdatadomains(raws.map(({ raw }) => raw).join('\n'));
  expect(vhosts.map(({ domain }) => domain)).toEqual(
    raws.flatMap(({ expected, raw }) =>
      expected === null ? [] : [raw.slice(0, raw.indexOf(':')).toLowerCase()],
    ),
  );
});

test('the server’s own addresses are read without their ports, once', () => {
  const text = readSamples('userdatadomains')
    .map(({ raw }) => raw)
    .join('\n');
  expect(userdataAddresses(text)).toEqual(['192.0.2.80', '2001:db8::80']);
});
