// The questions of the pages, each passed to the thread that answers it.
import type { Engine } from './engine.ts';
import { Refused } from './actions/errors.ts';
import type { SurroundingView } from './actions/search-view.ts';
import type { Actor, WebEngine } from './web/web-context.ts';

/** Lines without masks: read first, so that what cannot be read is not recorded, and given only when it is recorded. */
async function revealed(
  engine: Engine,
  { file, offset, lines }: { readonly file: string; readonly offset: number; readonly lines: number },
  by: Actor,
): Promise<SurroundingView> {
  const view = await engine.search.ask('around', file, offset, lines, true);
  const count = view.lines.length;
  const result = `${count} ${count === 1 ? 'line' : 'lines'}`;
  try {
    await engine.read.ask('record', {
      ...by,
      act: 'reveal lines',
      detail: `${view.file} @ ${offset}`,
      result,
    });
  } catch (error) {
    const why = error instanceof Error ? error.message.replace(/\.$/, '') : String(error);
    throw new Refused(`No line is revealed, because that could not be recorded: ${why}.`);
  }
  return view;
}

/** What the pages ask, on the engine's threads. */
export function webEngine(engine: Engine): WebEngine {
  return {
    explain: (text, from) => engine.ask('explain', text, from ?? null),
    inbox: (filter) => engine.ask('inbox', filter),
    activity: () => engine.ask('activity'),
    exclusions: {
      domains: () => engine.ask('domains'),
      domain: (vhost) => engine.ask('domain', vhost),
      rules: (filter) => engine.ask('rules', filter),
      rule: (id) => engine.ask('rule', id),
      propose: (fields) => engine.ask('propose', fields),
      exclude: (request) => engine.ask('exclude', request),
      revert: (...args) => engine.ask('revert', ...args),
      edit: (...args) => engine.ask('edit', ...args),
      adopt: (...args) => engine.ask('adopt', ...args),
      settle: (...args) => engine.ask('settle', ...args),
      act: (id, waitMs) => engine.ask('act', id, waitMs),
      exclusions: (filter) => engine.ask('exclusions', filter),
      exclusion: (id) => engine.ask('exclusion', id),
      found: (key) => engine.ask('found', key),
      change: (id) => engine.ask('change', id),
      causes: (filter) => engine.ask('causes', filter),
      cause: (id) => engine.ask('cause', id),
      causeByKey: (names) => engine.ask('causeByKey', names),
      setCauseState: (...args) => engine.ask('setCauseState', ...args),
      histogram: (vhost) => engine.ask('histogram', vhost),
    },
    doctor: {
      report: () => engine.ask('examine'),
      text: () => engine.ask('examineText'),
      saw: async (look) => {
        await engine.ask('saw', look);
      },
      trial: async (id, result) => {
        await engine.ask('trial', id, result);
      },
    },
    marks: {
      list: (filter) => engine.ask('marks', filter),
      mark: async (request, by) => {
        await engine.read.ask('mark', request, by);
      },
      unmark: async (id, by) => {
        await engine.read.ask('unmark', id, by);
      },
    },
    firewall: {
      list: (filter) => engine.ask('firewall.list', filter),
      plan: (request, by) => engine.ask('firewall.plan', request, by),
      order: (...args) => engine.ask('firewall.order', ...args),
      run: (id, waitMs) => engine.ask('firewall.run', id, waitMs),
      act: (id) => engine.ask('firewall.act', id),
      endAlarm: (...args) => engine.ask('firewall.endAlarm', ...args),
    },
    reports: { make: (request) => engine.ask('report', request) },
    search: {
      start: (query, waitMs, most) => engine.search.ask('start', query, waitMs, most ?? null),
      look: (id, waitMs, most) => engine.search.ask('look', id, waitMs, most ?? null),
      stop: (id) => engine.search.ask('cancel', id),
      around: (file, offset, lines) => engine.search.ask('around', file, offset, lines, false),
      reveal: (file, offset, lines, by) => revealed(engine, { file, offset, lines }, by),
      logs: () => engine.search.ask('logs'),
      saved: () => engine.ask('saved'),
      save: async (name, query, by) => {
        await engine.read.ask('save', name, query, by);
      },
      forget: async (id, by) => {
        await engine.read.ask('forget', id, by);
      },
    },
  };
}
