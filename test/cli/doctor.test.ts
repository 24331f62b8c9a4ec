// `whyblocked doctor`: text, JSON, redacted text, exit codes; nothing of a file acts on the terminal.
import { join } from 'node:path';
import { beforeAll, expect, test } from '@jest/globals';
import type { DoctorReport } from '../../src/actions/doctor-view.ts';
import { unpackDemo } from '../../src/host/demo-root.ts';
import { cli } from '../actions/kit.ts';
import { makeServer, tempDir } from '../host/make-root.ts';

let root: string;
const state = join(tempDir(), 'state');
beforeAll(() => {
  ({ root } = unpackDemo(join(tempDir(), 'demo'), Date.UTC(2027, 0, 5, 9, 30, 0)));
});

test('text: what is open first, each with what it means; what is well in one line', async () => {
  const { code, out } = await cli(['doctor', '--root', root, '--state', state]);
  expect(code).toBe(0);
  expect(out).toMatch(/^It works; |^All is well\./);
  expect(out).toMatch(/\n\? {5}apache: Apache: this is a copied server\n {6}No program was run\.\n/);
  expect(out).toMatch(/\nok {4}logs: error_log: [^\n]+\nok /);
});

test('JSON has the same checks, and --redact no name', async () => {
  const { out } = await cli(['doctor', '--json', '--root', root, '--state', state]);
  const { checks, sources, counts, headline, server } = JSON.parse(out) as DoctorReport;
  expect(checks[0]).toEqual({
    id: 'version',
    group: 'program',
    state: 'info',
    title: 'Whyblocked',
    found: expect.stringMatching(/Node 24/),
    means: expect.any(String),
    mend: null,
  });
  expect([counts.fail, headline.length > 0]).toEqual([0, true]);
  const sourceIds = ['error_log', 'audit_log', 'lfd_log', 'domlogs', 'access_log', 'login_logs', 'csf-files'];
  expect(sources.map(({ id }) => id)).toEqual([...sourceIds, 'whm_hits']);
  expect(sources[0]).toEqual({
    id: 'error_log',
    title: 'error_log',
    state: 'ok',
    found: expect.stringMatching(/^\/etc\/apache2\/logs\/error_log; Apache; last line .* lines read$/),
    means: 'Every rule hit stands here.',
    mend: null,
    format: 'Apache',
    readable: true,
    files: [
      {
        path: '/etc/apache2/logs/error_log',
        format: 'Apache',
        problem: null,
        bytes: expect.any(Number),
        unreadBytes: 0,
        lastLine: sources[0]?.lastLine,
      },
    ],
    moreFiles: 0,
    rotatedFiles: 0,
    lastLine: expect.stringMatching(/^2027-01-05T10:/),
    lagSeconds: expect.any(Number),
    unreadBytes: 0,
    lines: expect.any(Number),
    refused: 0,
    samples: [],
  });
  const sent = await cli(['doctor', '--redact', '--root', root, '--state', state]);
  expect(server.hostname).not.toBeNull();
  expect(out).toContain(server.hostname);
  expect(sent.out).not.toContain(server.hostname ?? '');
  expect(sent.out).toContain('error_log');
});

test('exit code 1 when something does not work; hostile bytes are made visible', async () => {
  const broken = makeServer();
  broken.write('/etc/csf/version.txt', '16\u001b[2J\u202e.07\n');
  broken.write('/etc/csf/csf.error', 'x');
  broken.write('/etc/csf/csf.conf', 'TESTING = "0"\nMODSEC_LOG = "/\u001b]0;x\u0007"\n');
  const { code, out } = await cli(['doctor', '--root', broken.dir, '--state', join(tempDir(), 'state')]);
  expect(code).toBe(1);
  expect(out).toMatch(/FAIL {2}csf: csf: .*csf could not load its rules/);
  expect(out).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
});
