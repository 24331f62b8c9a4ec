// The stand-in for lfd counts as lfd does and writes as csf does.
import { describe, expect, test } from '@jest/globals';
import { alertMail, denyLine, lfdLogLine, runLfd, tempbanLine, tempipLine } from './lfd.ts';
import type { LfdFacts, WatchedLine } from './lfd.ts';

const START = 1_795_352_400;
const facts: LfdFacts = {
  settings: {
    LF_MODSEC: '3',
    LF_MODSEC_PERM: '1',
    LF_APACHE_404: '2',
    LF_APACHE_404_PERM: '1800',
    LF_INTERVAL: '3600',
    LF_SSHD: '0',
  },
  countries: { '203.0.113.5': 'US/United States/-' },
  startedAt: START * 1e6,
  ignored: ['192.0.2.250'],
};

function line(seconds: number, text: string): WatchedLine {
  return { at: (START + seconds) * 1e6, text: `[time] ${text}` };
}

function modsec(
  seconds: number,
  client: string,
  what = 'Access denied with code 403 (phase 2).',
): WatchedLine {
  return line(
    seconds,
    `[security2:error] [pid 1:tid 2] [client ${client}:0] [client ${client}] ModSecurity: ${what} [id "949110"] [msg "x"]`,
  );
}

const missing = (seconds: number): WatchedLine =>
  line(
    seconds,
    '[core:info] [pid 1:tid 2] [client 203.0.113.5:0] AH00128: File does not exist: /home/shopuser/public_html/x',
  );

describe('counting', () => {
  test('the third refused line blocks, at the end of the cycle that read it', () => {
    const blocks = runLfd(
      [modsec(1, '203.0.113.5'), modsec(2, '203.0.113.5'), modsec(6.5, '203.0.113.5')],
      facts,
    );
    expect(blocks).toHaveLength(1);
    expect(blocks[0]).toMatchObject({
      address: '203.0.113.5',
      trigger: 'LF_MODSEC',
      seconds: null,
      failures: '3 (mod_security)',
      at: (START + 10) * 1e6 + 300_000,
    });
    expect(blocks[0]?.lines).toHaveLength(3);
  });

  test('two lines do not, nor do warnings, other addresses, or a line too old by an hour', () => {
    expect(runLfd([modsec(1, '203.0.113.5'), modsec(2, '203.0.113.5')], facts)).toEqual([]);
    expect(
      runLfd(
        [1, 2, 3].map((at) => modsec(at, '203.0.113.5', 'Warning. Matched.')),
        facts,
      ),
    ).toEqual([]);
    expect(
      runLfd([modsec(1, '203.0.113.5'), modsec(2, '203.0.113.6'), modsec(3, '203.0.113.5')], facts),
    ).toEqual([]);
    expect(
      runLfd([modsec(1, '203.0.113.5'), modsec(2, '203.0.113.5'), modsec(3700, '203.0.113.5')], facts),
    ).toEqual([]);
  });

  test('a second client in the text does not count, an IPv6 address keeps its last group', () => {
    const forged = [1, 2, 3].map((at) =>
      modsec(at, '203.0.113.5', 'Warning. at ARGS:x] [client 192.0.2.1] ModSecurity: Access denied'),
    );
    expect(runLfd(forged, facts)).toEqual([]);
    expect(
      runLfd(
        [1, 2, 3].map((at) => modsec(at, '2001:db8::7')),
        facts,
      )[0]?.address,
    ).toBe('2001:db8::7');
  });

  test('an ignored address is never blocked, a trigger set to 0 is off', () => {
    expect(
      runLfd(
        [1, 2, 3].map((at) => modsec(at, '192.0.2.250')),
        facts,
      ),
    ).toEqual([]);
    const ssh = [1, 2, 3, 4, 5].map((at) =>
      line(at, 'server sshd[9]: Failed password for root from 203.0.113.5 port 4 ssh2'),
    );
    expect(runLfd(ssh, facts)).toEqual([]);
  });

  test('404 hits block when there are more than the limit', () => {
    expect(runLfd([missing(1), missing(2)], facts)).toEqual([]);
    const [block] = runLfd([missing(1), missing(2), missing(3)], facts);
    expect(block).toMatchObject({ trigger: 'LF_APACHE_404', seconds: 1800, ports: '80,443', failures: '2' });
    expect(block?.lines).toHaveLength(3);
  });
});

describe('writing', () => {
  const [block] = runLfd(
    [1, 2, 3].map((at) => modsec(at, '203.0.113.5')),
    facts,
  );
  const [temporary] = runLfd([missing(1), missing(2), missing(3)], facts);
  const text =
    '(mod_security) mod_security (id:949110) triggered by 203.0.113.5 (US/United States/-): 3 in the last 3600 secs';
  const when = START + 5;

  test('a permanent block', () => {
    expect(denyLine(block!)).toBe(`203.0.113.5 # lfd: ${text} - \x1eC${when}\x1f\n`);
    expect(lfdLogLine(block!, 77)).toBe(
      `\x1eS${when}\x1f server lfd[77]: ${text} - *Blocked in csf* [LF_MODSEC]\n`,
    );
    expect(tempipLine(block!)).toBe(`203.0.113.5|1|\x1eU${when}\x1f|${text}\n`);
  });

  test('a temporary block of the web ports', () => {
    const reason = '203.0.113.5 (US/United States/-), more than 2 Apache 404 hits in the last 3600 secs';
    expect(tempbanLine(temporary!)).toBe(`\x1eU${when}\x1f|203.0.113.5|80,443|in|1800|lfd - ${reason}\n`);
    expect(lfdLogLine(temporary!, 78)).toContain(
      `${reason} - *Blocked in csf* for 1800 secs [LF_APACHE_404]\n`,
    );
  });

  test('the mail', () => {
    const mail = alertMail(block!, facts.settings);
    expect(mail.split('\n').slice(0, 11)).toEqual([
      'From: root',
      'To: root',
      'Subject: lfd on server.example.com: blocked 203.0.113.5 (US/United States/-)',
      '',
      `Time:     \x1eT${when}\x1f`,
      'IP:       203.0.113.5 (US/United States/-)',
      'Failures: 3 (mod_security)',
      'Interval: 3600 seconds',
      'Blocked:  Permanent Block [LF_MODSEC]',
      '',
      'Log entries:',
    ]);
    expect(mail.match(/Access denied/g)).toHaveLength(3);
  });

  test('a line that csf would wrap is refused', () => {
    expect(() => alertMail({ ...block!, lines: ['x'.repeat(991)] }, facts.settings)).toThrow('would wrap');
  });
});
