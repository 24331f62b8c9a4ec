// The stand-in for csf against the recordings of the real one: the same commands in the same order give the same text and
// the same lists; then what no recording holds.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { type CsfOptions, csfServer, type CsfServer, type ListName } from './kit.ts';

const servers: CsfServer[] = [];
afterAll(() => {
  for (const server of servers) server.close();
});

function open(options: CsfOptions = {}): CsfServer {
  const server = csfServer(options);
  servers.push(server);
  return server;
}

interface Step {
  /** The recording's name; without one only the lists were kept. */
  readonly recording?: string;
  readonly argv: readonly string[];
  /** When it was run. */
  readonly at?: string;
  readonly code?: number;
  /** Only so many lines are compared. */
  readonly first?: number;
  /** The numbers of rules in their chains were others: that firewall had more rules. */
  readonly otherNumbers?: boolean;
}

interface Session {
  readonly name: string;
  readonly settings?: Record<string, string>;
  readonly files?: Record<string, string>;
  /** Lines, or the name of a recorded list. */
  readonly lists?: Partial<Record<ListName, string | readonly string[]>>;
  /** On the server of the session before. */
  readonly goesOn?: boolean;
  readonly steps: readonly Step[];
  readonly after?: Partial<Record<ListName, string | readonly string[]>>;
}

const RECORDED = join(import.meta.dirname, 'recorded');
const recorded = (name: string): string => readFileSync(join(RECORDED, name), 'latin1');
const { sessions } = JSON.parse(recorded('commands.json')) as { sessions: readonly Session[] };

function listText(list: string | readonly string[]): string {
  return typeof list === 'string' ? recorded(list) : list.map((line) => `${line}\n`).join('');
}

function lists(given: Session['lists']): Partial<Record<ListName, string>> {
  return Object.fromEntries(Object.entries(given ?? {}).map(([name, list]) => [name, listText(list)]));
}

/** The same text with the numbers of rules taken out. */
function withoutNumbers(text: string): string {
  return text.replace(/^(filter \S+ +)\d+ +/gm, '$1');
}

function comparable(text: string, step: Step): string {
  const lines = step.first === undefined ? text : text.split('\n').slice(0, step.first).join('\n');
  return step.otherNumbers === true ? withoutNumbers(lines) : lines;
}

describe('the recordings', () => {
  let server: CsfServer | null = null;
  let machineTime = '2026-11-22T12:58:00Z';

  test.each(sessions)('$name', async (session) => {
    if (session.goesOn !== true || server === null)
      server = open({
        settings: { CC_LOOKUPS: '0', LF_LOOKUPS: '0', ...session.settings },
        lists: lists(session.lists),
        ...(session.files === undefined ? {} : { files: session.files }),
      });
    for (const step of session.steps) {
      machineTime = step.at ?? machineTime;
      server.machine({ clock: Date.parse(machineTime) / 1000 });
      const answer = await server.run(...step.argv);
      const shown = step.argv.join(' ');
      expect([shown, answer.code]).toEqual([shown, step.code ?? 0]);
      if (step.recording === undefined) continue;
      expect(comparable(answer.out, step)).toBe(comparable(recorded(`${step.recording}.out`), step));
      const errors = `${step.recording}.err`;
      expect(answer.err).toBe(existsSync(join(RECORDED, errors)) ? recorded(errors) : '');
    }
    for (const [name, list] of Object.entries(session.after ?? {}))
      expect(server.read(name)).toBe(listText(list));
  });
});
