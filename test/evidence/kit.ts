// Turns stories into copied servers with raw logs, asks the command line about each client, and gives what it said.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { openDatabase } from '../../src/store/database.ts';
import { cli } from '../actions/kit.ts';
import { tempDir } from '../host/make-root.ts';
import { errorLines } from './raw-lines.ts';
import { type Cast, castOf, endOf, requestsOf, writeServer } from './server.ts';
import { mailOf } from './service-files.ts';
import type { Story } from './story.ts';

/** What is said of one visitor. */
export interface Judged {
  readonly verdict: {
    readonly label: string;
    readonly sub: string | null;
    readonly logOdds: number;
    readonly words: string;
  } | null;
  readonly evidence: readonly {
    readonly id: string;
    readonly status: string;
    readonly sentence: string;
    readonly lines: readonly unknown[];
  }[];
  /** Ids of the items that hold, sorted. */
  readonly present: readonly string[];
}

/** What the command line said of one story's client. */
export interface Told extends Judged {
  readonly story: string;
  readonly client: string;
  /** The visitors behind the address, where they can be told apart. */
  readonly actors: readonly (Judged & { readonly agents: readonly string[] })[];
  readonly transactions: readonly {
    readonly score: { readonly total: number | null; readonly computed: number };
    readonly ruleHits: readonly { readonly id: string; readonly sources: readonly string[] }[];
  }[];
}

type Answer = Omit<Judged, 'present'>;

/**
 * Runs all stories, those with the same logs on one server, and gives the answers by the stories' names. `messy`: the
 * lines and records of a log stand in another order and some of them twice.
 */
export async function tell(stories: readonly Story[], messy = false): Promise<ReadonlyMap<string, Told>> {
  const names = stories.map((story) => story.name);
  if (new Set(names).size < names.length) throw new Error('two stories have one name');
  const told = new Map<string, Told>();
  for (const group of Map.groupBy(stories, serverOf).values()) {
    for (const one of await tellOnOneServer(group, messy)) told.set(one.story, one);
  }
  return told;
}

/** Stories with the same missing logs share a server; a mail comes to one without any log. */
function serverOf(story: Story): string {
  return story.mail === undefined ? [...(story.without ?? [])].sort().join() : 'mail';
}

async function tellOnOneServer(stories: readonly Story[], messy: boolean): Promise<Told[]> {
  const casts = stories.map(castOf);
  const root = writeServer(casts, messy);
  const state = join(tempDir(), 'state');
  const places = ['--root', root.dir, '--state', state];
  mkdirSync(state, { mode: 0o700 });
  answerDns(join(state, 'whyblocked.db'), root.dir, casts);
  const told: Told[] = [];
  for (const cast of casts) {
    for (const command of cast.story.before ?? []) {
      const args = command.map((part) => part.replaceAll('CLIENT', cast.client));
      const answer = await cli([...args, ...places]);
      if (answer.code !== 0) throw new Error(`${args.join(' ')}: ${answer.err}`);
    }
    told.push(await ask(cast, places));
  }
  return told;
}

async function ask(cast: Cast, places: readonly string[]): Promise<Told> {
  const { story, client } = cast;
  const mail = story.mail === undefined ? null : mailOf(client, endOf(cast), mailLines(cast, story.mail.cut));
  const { code, out, err } = await cli(
    ['explain', mail === null ? client : '-', '--json', ...places],
    mail ?? '',
  );
  if (code !== 0) throw new Error(`${story.name}: exit code ${code}: ${err}`);
  const json = JSON.parse(out) as Answer &
    Pick<Told, 'transactions'> & { readonly actors?: readonly (Answer & { agents: string[] })[] };
  const actors = (json.actors ?? []).map((one) => ({ ...judgedOf(one), agents: one.agents }));
  return { story: story.name, client, ...judgedOf(json), actors, transactions: json.transactions };
}

function judgedOf({ verdict, evidence }: Answer): Judged {
  const present = evidence.filter((one) => one.status === 'present').map((one) => one.id);
  return { verdict, evidence, present: present.sort() };
}

/**
 * What was said of one item. Some items are steps of one scale and say which step holds (P1, P1b): then the others do
 * not, and all are as unknown as the scale is.
 */
export function statusOf(item: string, { evidence }: Judged): string {
  const own = evidence.find(({ id }) => id === item);
  if (own !== undefined) return own.status;
  const scale = /^[A-Z]\d/.exec(item)?.[0] ?? item;
  const step = evidence.find(({ id }) => id.startsWith(scale));
  if (step === undefined) return `no item ${item}`;
  return step.status === 'present' ? 'absent' : step.status;
}

/** The refusing lines as lfd quotes them in its mail. */
function mailLines(cast: Cast, cut: readonly string[]): string[] {
  return requestsOf(cast)
    .flatMap(({ raw, id }) => errorLines(raw, id))
    .filter((line) => line.includes('Access denied'))
    .map((line) =>
      cut.reduce((text, field) => text.replace(new RegExp(` \\[${field} "[^"]*"\\]`), ''), line),
    );
}

/** What DNS would have said, kept as if it had been asked when the story began. */
function answerDns(file: string, root: string, casts: readonly Cast[]): void {
  const db = openDatabase(file, root);
  try {
    const put = db.prepare('INSERT OR REPLACE INTO dns_names (address, state, name, at) VALUES (?, ?, ?, ?)');
    for (const { story, client, start } of casts) {
      if (story.dns !== undefined) put.run(client, story.dns.state, story.dns.name, start);
    }
  } finally {
    db.close();
  }
}
