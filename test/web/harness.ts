// An app with a fake engine for tests: what it was asked, what it recorded and logged, and a signed-in agent.
import { fakeDoctor, type FakeDoctor } from './doctor-fixtures.ts';
import { readFileSync } from 'node:fs';
import type { Express } from 'express';
import request from 'supertest';
import type { ActivityRow, Explanation } from '../../src/actions/explanation.ts';
import type { Inbox, InboxFilter } from '../../src/actions/inbox-view.ts';
import { createApp } from '../../src/web/app.ts';
import { loginLink } from '../../src/web/login.ts';
import { LoginSessions } from '../../src/web/sessions.ts';
import type { ActRecord, Failure, SessionMode, WebContext } from '../../src/web/web-context.ts';
import {
  ACTIVITY,
  ATTACK,
  DOMAIN,
  FALSE_POSITIVE,
  GAP,
  inbox,
  MAIL_ONLY,
  NO_TRACE,
  SSHD,
} from './fixtures.ts';
import type { FakeExclusions } from './exclusion-fixtures.ts';
import { fakeExclusions } from './exclusion-fixtures.ts';
import type { FakeFirewall } from './firewall-fixtures.ts';
import { fakeFirewall } from './firewall-fixtures.ts';
import { HOSTILE_EXPLANATION } from './hostile.ts';
import type { FakeReports } from './report-fixtures.ts';
import { fakeReports } from './report-fixtures.ts';
import type { FakeMarks } from './mark-fixtures.ts';
import { fakeMarks } from './mark-fixtures.ts';
import type { FakeSearch } from './search-fixtures.ts';
import { fakeSearch } from './search-fixtures.ts';

export { BRIDGE } from '../socket-ask.ts';
export const TOKEN = 'test-token-0123456789-abcdefghijklmnop';

export class FakeBadInput extends Error {
  override readonly name = 'BadInput';
  /** The field of the query that it is about. */
  readonly field: string | undefined;

  constructor(message: string, field?: string) {
    super(message);
    this.field = field;
  }
}

/** Explanations by what is asked; a text with `Failures:` is the mail. */
function fakeExplain(text: string): Explanation {
  if (text.includes('broken')) throw new TypeError('secret detail /root/.my.cnf');
  if (text === '203.0.113.456')
    throw new FakeBadInput('203.0.113.456 is not an address: 456 is more than 255.');
  if (text.includes('hostile')) return HOSTILE_EXPLANATION;
  if (text.includes('Failures:')) return text.includes('web7') ? GAP : MAIL_ONLY;
  const all = [ATTACK, FALSE_POSITIVE, SSHD, NO_TRACE, DOMAIN, MAIL_ONLY];
  return all.find((one) => one.asked.value === text) ?? ATTACK;
}

export interface Harness {
  readonly app: Express;
  readonly asked: { text: string; from: string | undefined }[];
  readonly filters: InboxFilter[];
  readonly records: ActRecord[];
  readonly failures: Failure[];
  readonly time: { now: number };
  readonly search: FakeSearch;
  readonly exclusions: FakeExclusions;
  readonly doctor: FakeDoctor;
  readonly marks: FakeMarks;
  readonly reports: FakeReports;
  readonly firewall: FakeFirewall;
  inbox: Inbox;
  activity: readonly ActivityRow[];
  explain: (text: string) => Explanation;
}

/** Builds an app on a fake engine; answers can be replaced while it runs. */
export function makeHarness(
  mode?: SessionMode,
  rights: Pick<WebContext, 'readOnly' | 'costlyPerMinute'> = {},
): Harness {
  const search = fakeSearch();
  const exclusions = fakeExclusions();
  const doctor = fakeDoctor();
  const marks = fakeMarks();
  const reports = fakeReports();
  const firewall = fakeFirewall();
  const time = { now: Date.UTC(2026, 10, 22, 17) };
  const sessions = new LoginSessions(() => time.now);
  sessions.offer(TOKEN, 'root');
  const harness: Harness = {
    search,
    exclusions,
    doctor,
    marks,
    reports,
    firewall,
    asked: [],
    filters: [],
    records: [],
    failures: [],
    time,
    inbox: inbox(),
    activity: ACTIVITY,
    explain: fakeExplain,
    app: createApp({
      engine: {
        explain: (text, from) => {
          harness.asked.push({ text, from });
          return Promise.resolve().then(() => harness.explain(text));
        },
        inbox: (filter) => {
          harness.filters.push(filter);
          return Promise.resolve(harness.inbox);
        },
        activity: () => Promise.resolve(harness.activity),
        search,
        exclusions,
        doctor,
        marks,
        reports,
        firewall,
      },
      record: (row) => harness.records.push(row),
      log: (failure) => harness.failures.push(failure),
      ...rights,
      session: mode ?? { mode: 'login', sessions },
      version: '0.1.0',
      asset: (name) => readFileSync(new URL(`../../views/assets/${name}`, import.meta.url)),
      secret: Buffer.alloc(32, 7),
      clock: () => harness.time.now,
    }),
  };
  return harness;
}

/** The CSRF token of a page's HTML; empty when it has none. */
export function csrfOf(html: string): string {
  return /name="csrf" value="([^"]+)"/.exec(html)?.[1] ?? '';
}

export interface Agent {
  readonly agent: ReturnType<typeof request.agent>;
  readonly csrf: string;
  readonly close: () => void;
}

/** Signs in: a listening server (sessions are bound to its port), an agent with the cookie, and the token of its forms. */
export async function signIn(harness: Harness): Promise<Agent> {
  const server = harness.app.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const agent = request.agent(server);
  await agent.get(`/${loginLink(TOKEN)}`).expect(303);
  const home = await agent.get('/').expect(200);
  return { agent, csrf: csrfOf(home.text), close: () => server.close() };
}
