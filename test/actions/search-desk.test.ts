// The searches of the pages: how many run at once, how they end, what is left of them.
import { readdirSync, readFileSync } from 'node:fs';
import { afterEach, describe, expect, test } from '@jest/globals';
import { DESK_DEFAULTS, SearchDesk, type DeskOptions } from '../../src/actions/search-desk.ts';
import { EMPTY_QUERY, type SearchQuery } from '../../src/actions/search-query.ts';
import type { SearchView } from '../../src/actions/search-view.ts';
import { makeRoot, type TestRoot } from '../host/make-root.ts';
import { ACCESS, hit, searching, stamp } from './search-kit.ts';

const desks: SearchDesk[] = [];

afterEach(() => {
  for (const desk of desks.splice(0)) desk.close();
});

function deskOn(root: TestRoot, options: Partial<DeskOptions> = {}): SearchDesk {
  const desk = new SearchDesk(searching(root), { ...DESK_DEFAULTS, ...options });
  desks.push(desk);
  return desk;
}

/** A server whose access log takes a while to search for all its lines. */
function bigRoot(lines = 400_000): TestRoot {
  const root = makeRoot();
  const texts = Array.from({ length: lines }, (_, i) => hit('203.0.113.5', stamp(i % 3000)));
  root.write(ACCESS, texts.join(''));
  return root;
}

/** Takes a while: every line is found, read and counted. */
const SLOW: SearchQuery = { ...EMPTY_QUERY, pattern: '.', logs: ['access'] };

/** Children of this process that are ripgrep. */
function ripgreps(): string[] {
  return readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      const status = readFileSync(`/proc/${pid}/status`, 'utf8');
      return (
        /^Name:\s*rg$/m.test(status) &&
        new RegExp(`^PPid:\\s*${process.pid}$`, 'm').test(status) &&
        !/^State:\s*Z/m.test(status)
      );
    } catch {
      return false;
    }
  });
}

async function untilEnded(desk: SearchDesk, id: string): Promise<SearchView | null> {
  for (;;) {
    const view = await desk.look(id, 200);
    if (view === null || !['waiting', 'running'].includes(view.phase)) return view;
  }
}

async function until(condition: () => boolean): Promise<void> {
  const end = Date.now() + 10_000;
  while (!condition() && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 20));
  expect(condition()).toBe(true);
}

describe('searches of the pages', () => {
  test('a short one has ended when it is answered', async () => {
    const root = makeRoot();
    root.write(ACCESS, hit('203.0.113.5', stamp(0)));
    const view = await deskOn(root).start({ ...EMPTY_QUERY, pattern: 'GET' }, 5000);
    expect(view.phase).toBe('done');
    expect(view.count).toBe(1);
  });

  test('fifty at once: two run, all end, and too many are refused with a sentence', async () => {
    const root = bigRoot(5000);
    const desk = deskOn(root, { mostWaiting: 48 });
    const started = await Promise.all(
      Array.from({ length: 50 }, () => desk.start({ ...SLOW, pattern: 'GET' }, 0)),
    );
    expect(started.filter(({ phase }) => phase === 'waiting').length).toBeGreaterThan(40);
    await expect(desk.start(SLOW, 0)).rejects.toThrow(/48 searches are waiting already/);
    expect(ripgreps().length).toBeLessThanOrEqual(3);
    const ended = await Promise.all(started.map(({ id }) => untilEnded(desk, id)));
    expect(ended.map((view) => view?.phase)).toEqual(started.map(() => 'done'));
    expect(new Set(ended.map((view) => view?.count))).toEqual(new Set([5000]));
  });

  test('cancel keeps what was found and leaves no child behind', async () => {
    const desk = deskOn(bigRoot());
    const { id } = await desk.start(SLOW, 0);
    await until(() => ripgreps().length > 0);
    expect((await desk.stop(id))?.phase).toBe('stopped');
    await until(() => ripgreps().length === 0);
    expect(await desk.stop('no such search')).toBeNull();
  });

  test('one that nobody looks at is ended, and forgotten later', async () => {
    const desk = deskOn(bigRoot(), { unseenMs: 200, keepMs: 500 });
    const { id } = await desk.start(SLOW, 0);
    await until(() => ripgreps().length > 0);
    await until(() => ripgreps().length === 0);
    await new Promise((resolve) => setTimeout(resolve, 2500));
    expect(await desk.look(id, 0)).toBeNull();
  });

  test('the time limit ends it with a sentence', async () => {
    const desk = deskOn(bigRoot(), { timeoutMs: 20 });
    const { id } = await desk.start(SLOW, 0);
    const view = await untilEnded(desk, id);
    expect(view?.phase).toBe('timeout');
    expect(view?.problem).toMatch(/ended after 0.02 seconds. Narrow it down/);
    await until(() => ripgreps().length === 0);
  });

  test('a refused pattern starts nothing', async () => {
    const desk = deskOn(makeRoot());
    await expect(desk.start({ ...EMPTY_QUERY, pattern: '(a' }, 5000)).rejects.toThrow(/unclosed group/);
    expect(ripgreps()).toEqual([]);
  });
});
