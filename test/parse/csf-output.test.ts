// What csf says is read by whole lines about exactly the target, never by a piece of a text that somebody else wrote.
import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { cleanOutput } from '../../src/host/run-command.ts';
import type { CsfAnswer, CsfCommand } from '../../src/model-firewall.ts';
import { readCsfOutput } from '../../src/parse/csf-output.ts';

const FOLDER = new URL('./csf-output/', import.meta.url);
const NINE = '203.0.113.9';

function recorded(name: string): string {
  return cleanOutput(readFileSync(new URL(name, FOLDER), 'latin1'));
}

const deny = (target: string): CsfCommand => ({ kind: 'deny', target, comment: 'x' });
const allow = (target: string): CsfCommand => ({ kind: 'allow', target, comment: 'x' });
const remove = (target: string): CsfCommand => ({ kind: 'remove-deny', target });
const tempDeny = (target: string, seconds: number, ports: string | null = null): CsfCommand => ({
  kind: 'temp-deny',
  target,
  seconds,
  ports,
  comment: 'x',
});

const RECORDED: Readonly<Record<string, readonly [CsfCommand, CsfAnswer, string]>> = {
  'd.out': [deny(NINE), 'done', `Adding ${NINE} to csf.deny and iptables DROP...`],
  'd-v6.out': [
    deny('2001:db8:0:1::abc'),
    'done',
    'Adding 2001:db8:0:1::abc to csf.deny and iptables DROP...',
  ],
  'd-cidr.out': [
    deny('203.0.113.128/25'),
    'done',
    'Adding 203.0.113.128/25 to csf.deny and iptables DROP...',
  ],
  'd-dnd.out': [deny('203.0.113.10'), 'done', 'Adding 203.0.113.10 to csf.deny and iptables DROP...'],
  'd-ipset.out': [deny('198.51.100.150'), 'done', 'Adding 198.51.100.150 to csf.deny and iptables DROP...'],
  'd-limit.out': [deny('198.51.100.157'), 'done', 'Adding 198.51.100.157 to csf.deny and iptables DROP...'],
  'd-again.out': [
    deny(NINE),
    'already',
    `deny failed: ${NINE} is in already in the deny file /etc/csf/csf.deny 1 times`,
  ],
  'd-allowed.out': [
    deny('203.0.113.40'),
    'in-allow',
    'deny failed: 203.0.113.40 is in the allow file /etc/csf/csf.allow',
  ],
  'd-bad.out': [
    deny('203.0.113.999'),
    'invalid',
    'deny failed: [203.0.113.999] is not a valid PUBLIC IP/CIDR',
  ],
  'd-own.out': [
    deny('198.51.100.1'),
    'own-address',
    'deny failed: [198.51.100.1] is one of this servers addresses!',
  ],
  'dr.out': [remove(NINE), 'done', 'Removing rule...'],
  'dr-adv.out': [remove('203.0.113.77'), 'done', 'Removing rule...'],
  'dr-select-ports.out': [remove('198.51.100.158'), 'done', 'Removing rule...'],
  'dr-dnd.out': [remove('203.0.113.10'), 'kept', 'csf: 203.0.113.10 set as "do not delete" - not removed'],
  'dr-none.out': [remove(NINE), 'not-found', `csf: ${NINE} not found in csf.deny`],
  'dr-incidr.out': [remove('203.0.113.200'), 'not-found', 'csf: 203.0.113.200 not found in csf.deny'],
  'a.out': [allow('203.0.113.40'), 'done', 'Adding 203.0.113.40 to csf.allow and iptables ACCEPT...'],
  'a-denied1.out': [
    allow('203.0.113.128/25'),
    'done',
    'Adding 203.0.113.128/25 to csf.allow and iptables ACCEPT...',
  ],
  'ar.out': [{ kind: 'remove-allow', target: '203.0.113.40' }, 'done', 'Removing rule...'],
  'ar2.out': [{ kind: 'remove-allow', target: '203.0.113.128/25' }, 'done', 'Removing rule...'],
  'td.out': [
    tempDeny('203.0.113.20', 600),
    'done',
    'csf: 203.0.113.20 blocked on port * for 600 seconds inbound',
  ],
  'td-ipset.out': [
    tempDeny('198.51.100.159', 900),
    'done',
    'csf: 198.51.100.159 blocked on port * for 900 seconds inbound',
  ],
  'td-port.out': [
    tempDeny('203.0.113.21', 3600, '80,443'),
    'done',
    'csf: 203.0.113.21 blocked on port 80,443 for 3600 seconds inbound',
  ],
  'td-again.out': [
    tempDeny('203.0.113.20', 600),
    'already',
    'csf: 203.0.113.20 is already temporarily blocked',
  ],
  'td-perm.out': [tempDeny(NINE, 600), 'already', `csf: ${NINE} is already permanently blocked`],
  'ta.out': [
    { ...tempDeny('203.0.113.30', 86_400), kind: 'temp-allow' } as CsfCommand,
    'done',
    'csf: 203.0.113.30 allowed on port * for 86400 seconds in and outbound',
  ],
  'tr.out': [
    { kind: 'remove-temp', target: '203.0.113.20' },
    'done',
    'csf: 203.0.113.20 temporary block removed',
  ],
  'tr-none.out': [
    { kind: 'remove-temp', target: '203.0.113.20' },
    'not-found',
    'csf: 203.0.113.20 not found in temporary bans',
  ],
  'trd.out': [
    { kind: 'remove-temp-deny', target: '203.0.113.21' },
    'done',
    'csf: 203.0.113.21 temporary block removed',
  ],
  'tra.out': [
    { kind: 'remove-temp-allow', target: '203.0.113.30' },
    'done',
    'csf: 203.0.113.30 temporary allow removed',
  ],
  'tf.out': [
    { kind: 'remove-temp', target: '203.0.113.30' },
    'not-found',
    'csf: There are no temporary IP bans',
  ],
  'cluster-cr.out': [
    { kind: 'remove-cluster', target: '198.51.100.150' },
    'done',
    'Sent request to 198.51.100.1, replied: [Received]',
  ],
  // Without a cluster csf dies.
  'cr.err': [
    { kind: 'remove-cluster', target: NINE },
    'unclear',
    'Can\'t locate object method "new" via package "Crypt::CBC" at /usr/sbin/csf line 1301.',
  ],
  'x.out': [
    remove(NINE),
    'off',
    'Error: Could not open /etc/chkserv.d/chkservd.conf: No such file or directory, at line 3973',
  ],
};
const DONE = Object.entries(RECORDED).filter(([, [, answer]]) => answer === 'done');

describe('recorded words', () => {
  test.each(Object.entries(RECORDED))('%s', (name, [command, answer, line]) => {
    expect(readCsfOutput(command, recorded(name))).toMatchObject({
      answer,
      line,
      testing: false,
      warnings: [],
    });
  });

  test('what DENY_IP_LIMIT pushed out is named, entry by entry', () => {
    const { dropped } = readCsfOutput(deny('198.51.100.157'), recorded('d-limit.out'));
    expect(dropped).toHaveLength(12);
    expect(dropped[0]).toBe('2001:db8:0:1::abc # v6 test - Sun Nov 22 12:58:02 2026');
    expect(dropped[9]).toMatch(/^tcp\|in\|d=80\|s=198\.51\.100\.154 # lfd: /);
  });

  test('of another command or about another address prove nothing', () => {
    for (const name of readdirSync(FOLDER).filter((file) => /\.(?:out|err)$/.test(file))) {
      for (const [command] of Object.values(RECORDED)) {
        const { answer } = readCsfOutput(command, recorded(name));
        if (name === 'x.out') expect(answer).toBe('off');
        else if (!areRelated(RECORDED[name]?.[0].kind, command.kind))
          expect([name, command.kind, answer]).toEqual([name, command.kind, 'unclear']);
      }
      for (const [, [command]] of DONE) {
        // csf's `Removing rule...` names nobody.
        if (
          command.kind === 'remove-deny' ||
          command.kind === 'remove-allow' ||
          command.kind === 'remove-cluster'
        )
          continue;
        const said = readCsfOutput({ ...command, target: '192.0.2.250' }, recorded(name));
        expect(['done', 'already', 'in-allow', 'own-address', 'kept']).not.toContain(said.answer);
      }
    }
  });
});

/** Commands whose words are the same, or some of them. */
const RELATED: readonly (readonly CsfCommand['kind'][])[] = [
  ['remove-deny', 'remove-allow', 'allow'],
  ['remove-temp', 'remove-temp-deny', 'remove-temp-allow'],
];

function areRelated(one: CsfCommand['kind'] | undefined, other: CsfCommand['kind']): boolean {
  return (
    one === other ||
    RELATED.some((kinds) => one !== undefined && kinds.includes(one) && kinds.includes(other))
  );
}

describe('words from csf’s source', () => {
  const WARNING = '*WARNING* TESTING mode is enabled - do not forget to disable it in the configuration';

  test.each<[CsfCommand, string, CsfAnswer]>([
    [deny(NINE), `deny failed: ${NINE} is in the ignore file /etc/csf/csf.ignore`, 'in-ignore'],
    [
      deny('2001:db8::1'),
      'deny failed: [2001:db8::1] is valid IPv6 but IPV6 is not enabled in csf.conf',
      'no-ipv6',
    ],
    [allow(NINE), `add failed: ${NINE} is in already in the allow file /etc/csf/csf.allow`, 'already'],
    [allow(NINE), `add failed: ${NINE} is one of this servers addresses!`, 'own-address'],
    [
      allow('2001:db8::1'),
      'add failed: [2001:db8::1] is valid IPv6 but IPV6 is not enabled in csf.conf',
      'no-ipv6',
    ],
    // csf.deny keeps a line that is marked, and the address is allowed all the same.
    [
      allow(NINE),
      `Removing ${NINE} from csf.deny...\ncsf: ${NINE} set as "do not delete" - not removed\nAdding ${NINE} to csf.allow and iptables ACCEPT...`,
      'done',
    ],
    // The firewall did not learn of it, although the list did.
    [
      tempDeny('2001:db8::1', 600),
      'failed: [2001:db8::1] is valid IPv6 but IPV6 is not enabled in csf.conf\ncsf: 2001:db8::1 blocked on port * for 600 seconds inbound',
      'no-ipv6',
    ],
    [
      { kind: 'remove-temp-deny', target: '2001:db8::1' },
      'failed: [2001:db8::1] is valid IPv6 but IPV6 is not enabled in csf.conf\ncsf: 2001:db8::1 temporary block removed',
      'done',
    ],
    [tempDeny(NINE, 600), `csf: [${NINE}] is not a valid PUBLIC IP`, 'invalid'],
    [tempDeny(NINE, 600), `csf: ${NINE} blocked on port * for 3600 seconds inbound`, 'unclear'],
    [tempDeny(NINE, 600), `csf: ${NINE} blocked on port 22 for 600 seconds inbound`, 'unclear'],
    [tempDeny(NINE, 600), `csf: ${NINE} blocked on port * for 600 seconds`, 'unclear'],
    // One line of two is marked: the address stays blocked.
    [
      remove(NINE),
      `csf: ${NINE} set as "do not delete" - not removed\nRemoving rule...\n   DROP  all opt -- in eth0 out *  ${NINE}  -> 0.0.0.0/0`,
      'kept',
    ],
    [remove(NINE), `[${NINE}] is not a valid PUBLIC IP/CIDR`, 'invalid'],
    [{ kind: 'remove-temp', target: NINE }, `csf: ${NINE} not found in temporary bans`, 'unclear'],
    [
      { kind: 'remove-cluster', target: NINE },
      'Sent request to 198.51.100.1, replied: [Received]\nFailed to connect to 198.51.100.2',
      'unclear',
    ],
    [{ kind: 'remove-cluster', target: NINE }, 'Sent request to 198.51.100.1, no reply', 'unclear'],
    [remove(NINE), "   WARN              CSF and LFD have been disabled! Use 'csf -e' to re-enable", 'off'],
    [remove(NINE), "csf and lfd have been disabled, use 'csf -e' to enable", 'off'],
    [
      remove(NINE),
      'You have an unresolved error when starting csf:\nError: x, at line 1 in /usr/sbin/csf\n\nYou need to restart csf successfully to remove this warning, or delete /etc/csf/csf.error',
      'off',
    ],
    // It gave up behind its own success: the firewall is open now.
    [
      deny(NINE),
      `Adding ${NINE} to csf.deny and iptables DROP...\nError: Could not close /etc/csf/csf.deny: No space left on device, at line 2466`,
      'off',
    ],
    [
      remove(NINE),
      'Error: csf is being restarted, try again in a moment: Resource temporarily unavailable at /usr/sbin/csf line 555.',
      'busy',
    ],
  ])('%j: %j', (command, output, answer) => {
    expect(readCsfOutput(command, output).answer).toBe(answer);
  });

  test('testing mode is told', () => {
    const output = `Adding ${NINE} to csf.deny only while in TESTING mode (not iptables DROP)\n${WARNING}`;
    expect(readCsfOutput(deny(NINE), output)).toMatchObject({
      answer: 'done',
      testing: true,
      warnings: [WARNING],
    });
    expect(readCsfOutput(remove(NINE), `Removing rule...\n${WARNING}`)).toMatchObject({
      answer: 'done',
      testing: true,
    });
  });

  test('warnings stand beside the answer', () => {
    const output = `*WARNING* URLGET set to use LWP but perl module is not installed, reverting to HTTP::Tiny\nRemoving rule...\niptables: Bad rule (does a matching rule exist in that chain?).`;
    expect(readCsfOutput(remove(NINE), output)).toMatchObject({ answer: 'done', line: 'Removing rule...' });
    expect(readCsfOutput(remove(NINE), output).warnings).toHaveLength(2);
  });

  test('nothing is nothing', () => {
    expect(readCsfOutput(remove(NINE), '')).toEqual({
      answer: 'unclear',
      line: '',
      testing: false,
      warnings: [],
      dropped: [],
    });
  });
});

describe('entries that csf shows while it drops them', () => {
  const head = "csf: DENY_IP_LIMIT (4), the following IP's were removed from /etc/csf/csf.deny:";
  const done = `Adding ${NINE} to csf.deny and iptables DROP...`;
  const words = [
    `203.0.113.8 # ${done}`,
    `deny failed: ${NINE} is in the allow file /etc/csf/csf.allow`,
    'Error: everything, at line 1',
    "csf and lfd have been disabled, use 'csf -e' to enable",
    '*WARNING* TESTING mode is enabled - do not forget to disable it in the configuration',
    'Error: csf is being restarted, try again in a moment',
  ];

  test('say nothing of this command', () => {
    const output = [head, ...words.flatMap((word) => [word, '   DROP  all opt -- in eth0 out *'])].join('\n');
    expect(readCsfOutput(deny(NINE), `${output}\n${done}`)).toEqual({
      answer: 'done',
      line: done,
      testing: false,
      warnings: [],
      dropped: words,
    });
    expect(readCsfOutput(deny(NINE), output)).toMatchObject({
      answer: 'unclear',
      testing: false,
      dropped: words,
    });
  });

  test('end where csf gave up', () => {
    const end = 'Error: Could not close /etc/csf/csf.deny: No space left on device, at line 2466';
    expect(readCsfOutput(deny(NINE), `${head}\n203.0.113.8 # x\n${end}`)).toMatchObject({
      answer: 'off',
      line: end,
      dropped: ['203.0.113.8 # x'],
    });
  });

  test('are told without the lines of the firewall of csf 14', () => {
    const rule = 'DROP  all opt -- in !lo out *  203.0.113.8  -> 0.0.0.0/0  ';
    const { dropped } = readCsfOutput(deny(NINE), `${head}\n203.0.113.8 # x\n${rule}\n${done}\n${rule}`);
    expect(dropped).toEqual(['203.0.113.8 # x']);
  });
});

describe('hostile words', () => {
  const done = fc.constantFrom(...DONE);
  // A line that is no whole line of csf: something stands before or behind it, or it was cut.
  const noise = fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
    .filter((text) => !/[\r\n]/.test(text) && text.trim() !== '');

  test('a line of success inside another line is none (property)', () => {
    fc.assert(
      fc.property(done, noise, fc.boolean(), ([, [command, , line]], text, before) => {
        const spoiled = before ? `${text}${line}` : `${line}${text}`;
        if (command.kind === 'remove-cluster') return;
        expect(readCsfOutput(command, `x\n${spoiled}\ny`).answer).toBe('unclear');
      }),
    );
  });

  test('output that is cut anywhere is never success before its line is whole (property)', () => {
    fc.assert(
      fc.property(done, fc.nat({ max: 5000 }), ([name, [command, , line]], cut) => {
        const text = recorded(name).slice(0, cut);
        const { answer } = readCsfOutput(command, text);
        expect(answer).toBe(text.split('\n').some((one) => one.trimEnd() === line) ? 'done' : 'unclear');
      }),
      { numRuns: 200 },
    );
  });

  test('any text gives an answer, bounded (property)', () => {
    const lines = fc.array(
      fc.oneof(
        fc.string({ unit: 'binary', maxLength: 40 }),
        fc.constantFrom(...Object.values(RECORDED).map(([, , line]) => line), '\r', '\0'),
      ),
      { maxLength: 8 },
    );
    const target = fc.oneof(fc.constant(NINE), fc.string({ unit: 'binary', maxLength: 20 }));
    fc.assert(
      fc.property(lines, target, fc.constantFrom(...Object.values(RECORDED)), (texts, of, [command]) => {
        const said = readCsfOutput({ ...command, target: of }, texts.join('\n'));
        expect(said.line.length).toBeLessThanOrEqual(500);
        expect(said.warnings.length).toBeLessThanOrEqual(20);
      }),
      { numRuns: 200 },
    );
  });

  test('a megabyte is read within its bounds', () => {
    const started = performance.now();
    const oneAKind = new Map(DONE.map(([, sample]) => [sample[0].kind, sample]));
    for (const [command, , line] of oneAKind.values()) {
      for (const unit of [
        'x',
        ' ',
        '\n',
        'Error: ',
        "csf: DENY_IP_LIMIT (4), the following IP's were removed from /etc/csf/csf.deny:\n",
      ])
        expect(readCsfOutput(command, unit.repeat(1_000_000 / unit.length)).answer).toBe('unclear');
      expect(readCsfOutput(command, `${'x'.repeat(1_000_000)}\n${line}`).answer).toBe('done');
    }
    expect(performance.now() - started).toBeLessThan(3000);
  });
});
