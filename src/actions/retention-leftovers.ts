// After old rows went: what nothing names any more, looked for once a day, a short step at a time.
import type { EpochMs, SourceKind } from '../model.ts';
import type { LogKind } from '../host/logs.ts';
import type { Context } from './context.ts';

const STEP = 300;
/** Tables of what hangs on incidents. */
type Hanging = 'cause_hits' | 'value_shapes' | 'fingerprints';

/** Where the look stands: what was found named so far, and the place in the stage. */
export interface LeftoverPass {
  readonly before: EpochMs;
  /** When it began, and the last text there was then. */
  readonly began: number;
  readonly lastText: number;
  readonly stage: 'named' | 'texts' | 'files' | 'causes' | Hanging | 'small' | 'over';
  readonly after: number;
  readonly incident: readonly [client: string, from: number];
  readonly texts: readonly number[];
  readonly files: readonly number[];
  /** Texts that nothing names were found. */
  readonly hasMarked: boolean;
}

/** A look from the first row on; `before`: old rows went up to there. */
export function newLeftovers({ store }: Context, before: EpochMs): LeftoverPass {
  return {
    before,
    began: Date.now(),
    lastText: store.leftovers.lastText(),
    stage: 'named',
    after: 0,
    incident: ['', 0],
    texts: [],
    files: [],
    hasMarked: false,
  };
}

/** One short write of it. */
export function stepLeftovers(ctx: Context, pass: LeftoverPass): LeftoverPass {
  return ctx.store.write(() => STEPS[pass.stage](ctx, pass));
}

type Step = (ctx: Context, pass: LeftoverPass) => LeftoverPass;

const STEPS: Readonly<Record<LeftoverPass['stage'], Step>> = {
  named: ({ store }, pass) => {
    const { texts, files, next } = store.leftovers.named(pass.after, STEP);
    if (next === null)
      return { ...pass, files: union(pass.files, store.leftovers.loginFiles()), stage: 'texts', after: 0 };
    return { ...pass, texts: union(pass.texts, texts), files: union(pass.files, files), after: next };
  },
  texts: ({ store }, pass) => {
    const { after, lastText: last, began } = pass;
    const place = { after, last, began, now: Date.now() };
    const { next, hasMarked } = store.leftovers.sweepTexts(new Set(pass.texts), place, STEP);
    const marked = { ...pass, hasMarked: pass.hasMarked || hasMarked };
    return next === null ? { ...marked, texts: [], stage: 'files', after: 0 } : { ...marked, after: next };
  },
  files: (ctx, pass) => {
    const rows = ctx.store.leftovers.files(pass.before, pass.after, STEP);
    const named = new Set(pass.files);
    const onDisk = pathsOf(ctx, new Set(rows.map(({ kind }) => kind)));
    const free = rows.filter(
      ({ id, kind, path, isFree }) => isFree && !named.has(id) && !onDisk.has(`${kind} ${path}`),
    );
    ctx.store.leftovers.dropFiles(free.map(({ id }) => id));
    const last = rows.at(-1);
    return last === undefined || rows.length < STEP
      ? { ...pass, files: [], stage: 'causes', after: 0 }
      : { ...pass, after: last.id };
  },
  causes: ({ store }, pass) => {
    const next = store.leftovers.dropCauses(pass.after, STEP);
    return next === null ? { ...pass, stage: 'cause_hits' } : { ...pass, after: next };
  },
  cause_hits: (ctx, pass) => stepHanging(ctx, pass, 'cause_hits', 'value_shapes'),
  value_shapes: (ctx, pass) => stepHanging(ctx, pass, 'value_shapes', 'fingerprints'),
  fingerprints: (ctx, pass) => stepHanging(ctx, pass, 'fingerprints', 'small'),
  small: ({ store }, pass) => {
    store.leftovers.dropSmall(pass.before);
    return { ...pass, stage: 'over' };
  },
  over: (_ctx, pass) => pass,
};

function stepHanging(
  { store }: Context,
  pass: LeftoverPass,
  table: Hanging,
  then: LeftoverPass['stage'],
): LeftoverPass {
  const next = store.leftovers.fadeDangling(table, pass.before, pass.incident, STEP);
  return next === null ? { ...pass, stage: then, incident: ['', 0] } : { ...pass, incident: next };
}

/** A log that is there is never forgotten: its cursor says that it was read. Files of single records have other cursors. */
function pathsOf({ host }: Context, kinds: ReadonlySet<SourceKind>): ReadonlySet<string> {
  const logs = [...kinds].filter(isLogKind).flatMap((kind) => host.logs(kind));
  return new Set(logs.map(({ kind, path }) => `${kind} ${path}`));
}

function isLogKind(kind: SourceKind): kind is LogKind {
  return ['error_log', 'audit_log', 'lfd_log', 'access_log', 'login_log'].includes(kind);
}

function union(known: readonly number[], more: readonly number[]): readonly number[] {
  const seen = new Set(known);
  const fresh = more.filter((one) => !seen.has(one));
  return fresh.length === 0 ? known : [...known, ...fresh];
}
