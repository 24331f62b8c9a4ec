// A fake of the self-test's engine, and a report of it.
import type { WhmLook } from '../../src/actions/doctor-seen.ts';
import type { Check, DoctorReport, SourceReport } from '../../src/actions/doctor-view.ts';
import type { DoctorEngine } from '../../src/web/web-context.ts';
import { SERVER } from './fixtures.ts';

export function doctorCheck(change: Partial<Check> = {}): Check {
  return {
    id: 'error_log',
    group: 'logs',
    state: 'ok',
    title: 'error_log',
    found: '/etc/apache2/logs/error_log; last line 3 s ago',
    means: 'Every rule hit stands here.',
    mend: null,
    ...change,
  };
}

export function sourceOf(change: Partial<SourceReport> = {}): SourceReport {
  const { id, state, title, found, means, mend } = doctorCheck();
  return {
    ...{ id, state, title, found, means, mend, format: 'Apache', readable: true },
    files: [
      {
        path: '/etc/apache2/logs/error_log',
        format: 'Apache',
        problem: null,
        bytes: 4_200_000,
        unreadBytes: 0,
        lastLine: '2026-11-22T18:01:59+01:00',
      },
    ],
    ...{ moreFiles: 0, rotatedFiles: 2, lastLine: '2026-11-22T18:01:59+01:00', lagSeconds: 3 },
    ...{ unreadBytes: 0, lines: 18_204, refused: 0, samples: [] },
    ...change,
  };
}

export function doctorReport(change: Partial<DoctorReport> = {}): DoctorReport {
  return {
    checks: [
      doctorCheck(),
      doctorCheck({
        id: 'cgi',
        group: 'cpanel',
        state: 'fail',
        title: 'Bridge',
        found: 'index.cgi 755',
        means: 'It must be closed to everybody else.',
        mend: 'install.sh puts it back.',
      }),
      doctorCheck({ id: 'rules', group: 'modsecurity', title: 'Rules', found: '637 rules in 35 files' }),
      doctorCheck({ id: 'slow', group: 'whm', state: 'unknown', title: 'A slow answer', found: 'not tried' }),
    ],
    sources: [sourceOf()],
    counts: { ok: 2, info: 0, warn: 0, fail: 1, unknown: 1 },
    headline: '1 thing does not work. 1 could not be looked at.',
    server: SERVER,
    ...change,
  };
}

/** What the pages told it, in order. */
export interface FakeDoctor extends DoctorEngine {
  readonly told: (WhmLook | readonly [id: string, result: string | null])[];
  answer: DoctorReport;
}

export function fakeDoctor(): FakeDoctor {
  const fake: FakeDoctor = {
    told: [],
    answer: doctorReport(),
    report: () => Promise.resolve(fake.answer),
    text: () => Promise.resolve('FAIL  cpanel: Bridge: index.cgi 755 on host-1\n'),
    saw: (look) => {
      fake.told.push(look);
      return Promise.resolve();
    },
    trial: (id, result) => {
      fake.told.push([id, result]);
      return Promise.resolve();
    },
  };
  return fake;
}
