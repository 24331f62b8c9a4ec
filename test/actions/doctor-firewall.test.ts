// What doctor says of acts on the firewall.
import { describe, expect, test } from '@jest/globals';
import { firewallChecks, type FirewallLooks, hookCheck } from '../../src/actions/doctor-firewall.ts';
import type { FirewallAct } from '../../src/model-firewall.ts';

const READY = { error: null, disabled: false, testing: false, problems: [], restarting: false };
const LOOKS: FirewallLooks = { refusal: null, ready: READY, alarm: null, last: null };
const ACT: FirewallAct = {
  ...{ id: 3, at: 0, who: 'root', act: 'unblock', target: '203.0.113.9', reason: 'x', incident: null },
  ...{ commands: [], state: 'done', steps: [], sentence: 'csf does not block 203.0.113.9 now.' },
};

const stateOf = (looks: Partial<FirewallLooks>, id: string): string | undefined =>
  firewallChecks({ ...LOOKS, ...looks }).find((check) => check.id === id)?.state;

describe('acts on the firewall in doctor', () => {
  test.each<[string, string | undefined, Partial<FirewallLooks>]>([
    ['csf-acts', 'ok', {}],
    ['csf-acts', 'info', { refusal: 'This is a copied server.' }],
    ['csf-acts', 'warn', { ready: { ...READY, restarting: true } }],
    [
      'csf-acts',
      'fail',
      { ready: { ...READY, problems: ['100 KiB are left on the disk of /etc/csf: no.'] } },
    ],
    ['csf-alarm', undefined, {}],
    ['csf-alarm', 'fail', { alarm: { at: 0, sentence: 'csf -dr 203.0.113.9: no.', todo: ['Look.'] } }],
    ['csf-answers', 'unknown', {}],
    ['csf-answers', 'ok', { last: ACT }],
    ['csf-answers', 'warn', { last: { ...ACT, state: 'failed' } }],
  ])('%s is %s', (id, state, looks) => {
    expect(stateOf(looks, id)).toBe(state);
  });

  test.each([
    ['ours', [], 'ok'],
    ['ours', ['Restart lfd.'], 'warn'],
    ['free', [], 'info'],
    ['odd', [], 'warn'],
  ] as const)('the hook: %s', (state, todo, expected) => {
    const view = {
      sentence: 'x',
      line: null,
      program: null,
      next: null,
      lastCall: null,
      waiting: 0,
      refused: 0,
    };
    expect(hookCheck({ ...view, state, todo }).state).toBe(expected);
  });

  test('each mend fits its problem', () => {
    const mendFor = (problem: string): string | null | undefined =>
      firewallChecks({ ...LOOKS, ready: { ...READY, problems: [problem] } })[0]?.mend;
    expect(mendFor('100 KiB are left on the disk of /etc/csf: no.')).toMatch(/Free space/);
    expect(mendFor('/etc/csf/csf.deny cannot be written: lsattr shows it, chattr -i ends it.')).toMatch(
      /chattr -i/,
    );
    expect(mendFor('csf stops at line 3 of csf.conf: X is set twice.')).toMatch(/csf -r/);
  });
});
