// What was learned through WHM, kept in the database so that the terminal can tell it.
import type { Context } from './context.ts';
import type { WhmSeen } from './doctor-view.ts';
import { mayKeep } from './read-state.ts';

const META = 'whm_seen';
const MOST_NAMES = 100;
const NAME = /^[A-Za-z_]\w{0,63}$/;
const FACT = /^[a-z-]{1,20}=[a-z]{1,20}$/;

/** What one request through WHM showed. */
export interface WhmLook {
  readonly names: readonly string[] | null;
  readonly facts: readonly string[];
  readonly chrome: boolean;
}

/** Null when no page was asked for through WHM yet. */
export function readSeen(ctx: Pick<Context, 'store'>): WhmSeen | null {
  const text = ctx.store.meta(META);
  return text === null ? null : (JSON.parse(text) as WhmSeen);
}

/** Keeps what a request showed; facts are added to those of earlier ones. */
export function noteSeen(ctx: Pick<Context, 'store' | 'reader'>, look: WhmLook, at: number): void {
  const before = readSeen(ctx);
  const names = look.names?.filter((name) => NAME.test(name)).slice(0, MOST_NAMES) ?? before?.names ?? null;
  const kinds = new Map((before?.facts ?? []).map((fact) => [fact.split('=', 1)[0] ?? '', fact]));
  for (const fact of look.facts) if (FACT.test(fact)) kinds.set(fact.split('=', 1)[0] ?? '', fact);
  write(ctx, { at, names, facts: [...kinds.values()], chrome: look.chrome, trials: before?.trials ?? {} });
}

/** A trial began (result null), or came back. Nothing happens before a page was asked for through WHM. */
export function noteTrial(
  ctx: Pick<Context, 'store' | 'reader'>,
  { id, at, result }: { readonly id: string; readonly at: number; readonly result: string | null },
): void {
  const before = readSeen(ctx);
  if (before !== null) write(ctx, { ...before, trials: { ...before.trials, [id]: { at, result } } });
}

function write(ctx: Pick<Context, 'store' | 'reader'>, seen: WhmSeen): void {
  if (!mayKeep(ctx)) return;
  ctx.store.write(() => {
    ctx.store.setMeta(META, JSON.stringify(seen));
  });
}
