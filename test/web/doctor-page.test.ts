// The self-test's page: what it shows, what it learns from a request through WHM, its trials.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import request from 'supertest';
import { BODY_BYTES } from '../../src/actions/doctor-whm.ts';
import { doctorReport, sourceOf } from './doctor-fixtures.ts';
import { type Agent, csrfOf, type Harness, makeHarness, signIn } from './harness.ts';

let harness: Harness;
let user: Agent;
beforeEach(async () => {
  harness = makeHarness();
  user = await signIn(harness);
});
afterEach(() => {
  user.close();
});

test('the worst first, with what it means and how to mend it', async () => {
  const { text } = await user.agent.get('/index.cgi?p=/doctor').expect(200);
  const places = [
    '1 thing does not work.',
    'To look at',
    'index.cgi 755',
    'install.sh puts it back.',
    'not tried',
    'What is read',
    '/etc/apache2/logs/error_log',
    'Form: Apache',
    'Last line 3 s ago',
    'Read to the end',
    '18,204 lines read',
    'All else',
    '637 rules in 35 files',
  ];
  const found = places.map((part) => text.indexOf(part));
  expect(found).toEqual([...found].sort((a, b) => a - b));
  expect(found).not.toContain(-1);
  // Outside WHM there is nothing to try.
  expect(text).not.toContain('doctor/try');
  expect(harness.doctor.told).toEqual([]);
});

test('a source that needs a look is named first, with a link to its row', async () => {
  const sample = '[not a time] ModSecurity: Access denied <b>';
  const bad = {
    state: 'warn' as const,
    found: '/var/log/lfd.log: 70 of 90 lines not understood',
    mend: 'Send us the samples.',
  };
  const unread = { unreadBytes: 3 * 1024 * 1024, refused: 70, lines: 90, samples: [sample] };
  harness.doctor.answer = doctorReport({
    sources: [sourceOf(), sourceOf({ id: 'lfd_log', title: 'lfd.log', ...bad, ...unread })],
  });
  const { text } = await user.agent.get('/index.cgi?p=/doctor').expect(200);
  for (const part of [
    'Not all logs can be read as they should be.',
    '<a href="#c-lfd_log">lfd.log</a>',
    '<tr id="c-lfd_log">',
    '3 MiB not read yet',
    '90 lines read, 70 not understood',
    'Access denied &lt;b&gt;',
    'Send us the samples.',
  ])
    expect(text).toContain(part);
  expect(text.indexOf('<tr id="c-lfd_log">')).toBeLessThan(text.indexOf('<tr id="c-error_log">'));
});

test('as a text to be sent', async () => {
  const { text, headers } = await user.agent.get('/index.cgi?p=/doctor&text=1').expect(200);
  expect(text).toBe('FAIL  cpanel: Bridge: index.cgi 755 on host-1\n');
  expect(headers['content-disposition']).toBe('attachment; filename="whyblocked-doctor.txt"');
});

describe('through WHM', () => {
  const WHM = {
    'X-WB-User': 'root',
    'X-WB-Root': '1',
    'X-WB-Token': '/cpsess1234567890',
    'X-WB-Addr': '192.0.2.7',
  };
  const bridge = makeHarness({ mode: 'bridge' });
  const get = (page: string, more: Record<string, string> = {}) =>
    request(bridge.app)
      .get(`/index.cgi?p=${page}`)
      .set({ ...WHM, ...more });
  const post = async (fields: Record<string, string>) => {
    const { text } = await get('/doctor');
    return request(bridge.app)
      .post('/index.cgi?p=/doctor/try')
      .set(WHM)
      .type('form')
      .send({ csrf: csrfOf(text), ...fields });
  };
  const told = (): unknown => bridge.doctor.told.filter((one) => Array.isArray(one));
  beforeEach(() => {
    bridge.doctor.told.length = 0;
  });

  test('what the bridge tells of the request is kept', async () => {
    const env = {
      'X-WB-Env': 'REMOTE_USER,HTTP_COOKIE',
      'X-WB-Facts': 'script=cpsess',
      'X-WB-Chrome': 'whm',
    };
    const { text } = await get('/doctor', env).expect(200);
    expect(bridge.doctor.told).toEqual([
      { names: ['REMOTE_USER', 'HTTP_COOKIE'], facts: ['script=cpsess'], chrome: true },
    ]);
    expect(text).toContain('index.cgi/path-info?p=/doctor/dot');
    await get('/doctor').expect(200);
    expect(bridge.doctor.told[1]).toEqual({ names: null, facts: [], chrome: false });
  });

  test('the form of 1 MiB: whether all of it arrived', async () => {
    const { text } = await get('/doctor/form').expect(200);
    const pad = /name="pad" value="(x+)"/.exec(text)?.[1] ?? '';
    expect(pad).toHaveLength(BODY_BYTES);
    const answer = await post({ what: 'body', pad });
    expect([answer.status, answer.headers.location]).toEqual([303, 'index.cgi?p=/doctor']);
    await post({ what: 'body', pad: 'xxx' });
    expect(told()).toEqual([
      ['body', 'ok'],
      ['body', `3 of ${BODY_BYTES} characters arrived`],
    ]);
  });

  test('a redirect counts when the browser came back', async () => {
    const answer = await post({ what: 'redirect' });
    expect(told()).toEqual([['redirect', null]]);
    expect(answer.headers.location).toBe('index.cgi?p=/doctor&came=redirect');
    await get('/doctor&came=redirect').expect(200);
    await get('/doctor&came=elsewhere').expect(200);
    expect(told()).toEqual([
      ['redirect', null],
      ['redirect', 'ok'],
    ]);
  });

  test('an unknown trial is refused, and so is one without the token', async () => {
    expect((await post({ what: 'rm' })).status).toBe(400);
    expect((await post({ what: 'redirect', csrf: 'x' })).status).toBe(403);
    expect(told()).toEqual([]);
  });

  test('the picture behind the program’s name', async () => {
    const answer = await get('/doctor/dot', { 'X-WB-Facts': 'path-info=works' }).expect(200);
    expect(answer.headers['content-type']).toContain('image/svg+xml');
    expect(bridge.doctor.told).toEqual([{ names: null, facts: ['path-info=works'], chrome: false }]);
  });
});
