// What a server and the database look like before an act, and everything that must hold after a broken one.
import { appendFileSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { carryOut } from '../../src/actions/act.ts';
import { adoptOwnOrder } from '../../src/actions/orders.ts';
import { reconcile } from '../../src/actions/reconcile.ts';
import type { OpenContext } from '../../src/context.ts';
import type { Change } from '../../src/store/changes.ts';
import type { ProductBed } from '../bed/product-bed.ts';
import type { Task } from './fault-order.ts';

const ATTACK = `/?id=${encodeURIComponent("1' OR '1'='1")}`;

/** A vhost before the act. */
export interface Before {
  readonly vhost: string;
  /** The two files on this machine, std first, and what they hold; null: not there. */
  readonly files: readonly { readonly file: string; readonly text: string | null }[];
  /** Exclusions in force, by number, with their reasons. */
  readonly active: ReadonlyMap<number, string>;
  readonly lastChange: number;
}

/** How a broken act ended. */
export interface Ended {
  /** `new`: the act is in force; `old`: everything is as it was. */
  readonly state: 'old' | 'new';
  readonly problems: readonly string[];
}

/** Bytes of somebody else in a file. */
export interface Hand {
  readonly file: string;
  readonly text: string;
}

/** Writes a line by hand behind what stands in a file. */
export function writeByHand(file: string): Hand {
  appendFileSync(file, '# by hand\n');
  return { file, text: readFileSync(file, 'latin1') };
}

/** How things are now. */
export function lookBefore(made: ProductBed, vhost: string): Before {
  const ctx = made.open();
  try {
    const account = ctx.host.vhosts().find((one) => one.vhost === vhost)?.account ?? '';
    const paths = Object.values(ctx.host.acts.paths(account, vhost));
    return {
      vhost,
      files: paths.map((path) => {
        const file = join(made.bed.root, path);
        return { file, text: textOf(file) };
      }),
      active: reasons(ctx, vhost),
      lastChange: ctx.store.changes.newest(1)[0]?.id ?? 0,
    };
  } finally {
    ctx.close();
  }
}

function textOf(file: string): string | null {
  return existsSync(file) ? readFileSync(file, 'latin1') : null;
}

function reasons(ctx: OpenContext, vhost: string): ReadonlyMap<number, string> {
  return new Map(ctx.store.exclusions.active(vhost).map(({ id, reason }) => [id, reason] as const));
}

/** Our next start: what was interrupted is mended; then everything must be the old or the new state, whole. */
export async function lookAfter(
  made: ProductBed,
  before: Before,
  task: Task,
  hand: Hand | null,
): Promise<Ended> {
  const ctx = made.open();
  try {
    const { problems } = await reconcile(ctx);
    const changes = ctx.store.changes.newest(10).filter(({ id }) => id > before.lastChange);
    const done = changes.filter(({ state }) => state === 'done');
    return {
      state: done.length > 0 ? 'new' : 'old',
      problems: [
        ...problems,
        ...ledgerProblems(ctx, changes),
        ...exclusionProblems(ctx, before, task, done),
        ...(await serverProblems(made, before.vhost, ctx.store.exclusions.active(before.vhost).length > 0)),
        ...(hand === null ? fileProblems(ctx, before, done) : await handProblems(ctx, before, hand)),
        ...leftovers(before),
      ],
    };
  } finally {
    ctx.close();
  }
}

function ledgerProblems(ctx: OpenContext, changes: readonly Change[]): string[] {
  const open = changes.filter(({ state }) => state !== 'done' && state !== 'rolled-back');
  const made = changes.flatMap(({ effect, state }) => effect.add.map((id) => ({ id, state })));
  return [
    ...open.map(({ id, state }) => `change ${id} is ${state}`),
    ...made.flatMap(({ id, state }) => {
      const now = ctx.store.exclusions.byId(id)?.state ?? null;
      const wanted = state === 'done' ? 'active' : null;
      return now === wanted ? [] : [`exclusion ${id} of a change that is ${state} is ${now ?? 'gone'}`];
    }),
  ];
}

function exclusionProblems(
  ctx: OpenContext,
  before: Before,
  { act, reason, ids }: Task,
  done: readonly Change[],
): string[] {
  const wanted = new Map(before.active);
  if (done.length > 0) {
    for (const id of done.flatMap(({ effect }) => effect.add).sort((a, b) => a - b)) wanted.set(id, reason);
    if (act === 'edit' && ids[0] !== undefined) wanted.set(ids[0], reason);
    if (act === 'revert') for (const id of ids) wanted.delete(id);
  }
  const say = (map: ReadonlyMap<number, string>): string => JSON.stringify([...map]);
  const now = reasons(ctx, before.vhost);
  return say(now) === say(wanted) ? [] : [`in force are ${say(now)}, and not ${say(wanted)}`];
}

async function serverProblems({ bed }: ProductBed, vhost: string, isExcluded: boolean): Promise<string[]> {
  const test = bed.configTest();
  const problems = test.ok ? [] : [`Apache's configuration is broken: ${test.output}`];
  const wanted = isExcluded ? 200 : 403;
  for (const tls of [false, true]) {
    const name = tls ? 'ssl' : 'std';
    const { status } = await bed.send({ host: vhost, path: ATTACK, tls });
    if (status !== wanted) problems.push(`${name} answers ${status}, the ledger says ${wanted}`);
    const front = await bed.send({ host: vhost, path: '/', tls });
    if (front.status !== 200) problems.push(`${name}: the front page answers ${front.status}`);
  }
  return problems;
}

/** Each file holds the bytes of the last change that is done, or those of before (comments only where there was none). */
function fileProblems(ctx: OpenContext, before: Before, done: readonly Change[]): string[] {
  const after = done[0] === undefined ? null : (ctx.store.changes.byId(done[0].id)?.files ?? []);
  return before.files.flatMap(({ file, text }, index) => {
    const now = textOf(file);
    if (after !== null) return now === after[index]?.after ? [] : [`${file} is not the new one`];
    return now === text || (text === null && isEmpty(now)) ? [] : [`${file} is not the old one`];
  });
}

function isEmpty(text: string | null): boolean {
  return text?.split('\n').every((line) => line === '' || line.startsWith('#')) ?? true;
}

/** The bytes must be there still; then they are taken over, so that the next run begins on good ground. */
async function handProblems(ctx: OpenContext, { vhost, files }: Before, hand: Hand): Promise<string[]> {
  if (textOf(hand.file) !== hand.text) return [`what was written by hand into ${hand.file} is lost`];
  const isKept = files.every(({ file, text }) => file === hand.file || textOf(file) === text);
  const order = await adoptOwnOrder(ctx, vhost, { author: 'root', reason: 'kept' });
  const adopted = await carryOut(ctx, order.head, order.intents);
  return [
    ...(isKept ? [] : ['the other file is not the old one']),
    ...(adopted.state === 'done' ? [] : ['a file changed by hand cannot be adopted']),
  ];
}

function leftovers({ files }: Before): string[] {
  return files.flatMap(({ file }) => {
    const folder = dirname(file);
    const names = existsSync(folder) ? readdirSync(folder) : [];
    return names.filter((name) => name !== basename(file)).map((name) => `${name} is left beside ${file}`);
  });
}
