// The questions of the pages, each passed to the thread that answers it.
import type { Engine } from './engine.ts';
import type { WebEngine } from './web/web-context.ts';

/** What the pages ask, on the engine's threads. */
export function webEngine(engine: Engine): WebEngine {
  return {
    explain: (text, from) => engine.read.ask('explain', text, from ?? null),
    inbox: (filter) => engine.read.ask('inbox', filter),
    activity: () => engine.read.ask('activity'),
    exclusions: {
      domains: () => engine.exclusions.ask('domains'),
      domain: (vhost) => engine.exclusions.ask('domain', vhost),
      rules: (filter) => engine.exclusions.ask('rules', filter),
      rule: (id) => engine.exclusions.ask('rule', id),
      propose: (fields) => engine.exclusions.ask('propose', fields),
      exclude: (request) => engine.exclusions.ask('exclude', request),
      revert: (...args) => engine.exclusions.ask('revert', ...args),
      edit: (...args) => engine.exclusions.ask('edit', ...args),
      adopt: (...args) => engine.exclusions.ask('adopt', ...args),
      settle: (...args) => engine.exclusions.ask('settle', ...args),
      act: (id, waitMs) => engine.exclusions.ask('act', id, waitMs),
      exclusions: (filter) => engine.exclusions.ask('exclusions', filter),
      exclusion: (id) => engine.exclusions.ask('exclusion', id),
      found: (key) => engine.exclusions.ask('found', key),
      change: (id) => engine.exclusions.ask('change', id),
    },
    search: {
      start: (query, waitMs, most) => engine.search.ask('start', query, waitMs, most ?? null),
      look: (id, waitMs, most) => engine.search.ask('look', id, waitMs, most ?? null),
      stop: (id) => engine.search.ask('cancel', id),
      around: (file, offset, lines) => engine.search.ask('around', file, offset, lines),
      logs: () => engine.search.ask('logs'),
      saved: () => engine.read.ask('saved'),
      save: async (name, query, who) => {
        await engine.read.ask('save', name, query, who);
      },
      forget: async (id, who) => {
        await engine.read.ask('forget', id, who);
      },
    },
  };
}
