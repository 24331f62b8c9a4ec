// For incidents that a login could explain: the access lines of the day before, and which proof pages answer anybody.
import { isAboutLogins, isLoginLine, proofPaths } from '../analyse/login-proof.ts';
import { isAsset, pathOf, type AccessContext } from '../analyse/access-context.ts';
import { probeKind } from '../analyse/probe.ts';
import type { AccessHit, EpochMs, Transaction } from '../model.ts';
import type { IncidentRecord } from '../store/incidents.ts';
import { CONTEXT_MS, readAccess } from './access.ts';
import { answeredToOthers } from './access-others.ts';
import type { Context } from './context.ts';
import { vhostsNamed } from './judge-case.ts';
import type { VhostIndex } from './vhosts.ts';

/** Logins count for 12 hours, failed ones for 24. */
const LOOK_BACK_MS = 86_400_000;

export interface LoginLook {
  /** Lines from 24 h before on; null where nothing asks for them. */
  readonly lookBack: AccessContext | null;
  /** Paths that others get without a login. */
  readonly open: ReadonlySet<string>;
}

interface Asked {
  readonly incident: IncidentRecord;
  readonly transactions: readonly Transaction[];
  readonly context: AccessContext | null;
}

/** Looks further back for those incidents that need it, in the order given. */
export async function loginLooks(
  ctx: Context,
  vhosts: VhostIndex,
  asked: readonly Asked[],
): Promise<LoginLook[]> {
  const wanted = asked.filter(needsLookBack);
  const names = vhostsNamed(
    vhosts,
    wanted.flatMap(({ incident }) => incident.vhosts),
  );
  const before = wanted.map(({ incident }) => remembered(ctx, incident));
  const questions = wanted.map(({ incident: { client, from, to } }, index) => {
    const known = before[index]?.context;
    const start = known == null ? from - LOOK_BACK_MS : known.to - OVERLAP_MS;
    return { client, from: start, to: to + CONTEXT_MS, most: MOST_LINES, keep: aboutLogins() };
  });
  const { contexts } = wanted.length === 0 ? { contexts: [] } : await readAccess(ctx, names, questions);
  const found = new Map(
    wanted.map((one, index) => {
      const whole = joined(before[index]?.context ?? null, contexts[index] ?? null);
      remember(ctx, one.incident, whole);
      return [one, whole];
    }),
  );
  const looks: LoginLook[] = [];
  for (const one of asked) {
    const lookBack = found.get(one) ?? null;
    looks.push({ lookBack, open: await openPaths(ctx, vhosts, one, lookBack) });
  }
  return looks;
}

const MOST_LINES = 2000;
/** Parts of pages that show an earlier visit. */
const PARTS = 3;

/** Keeps lines about logins, and a few that show an earlier visit: a whole day of a busy office would fill memory. */
function aboutLogins(): (hit: AccessHit) => boolean {
  let parts = 0;
  return (hit) => {
    if (isAboutLogins(hit)) return true;
    if (parts >= PARTS || !isAsset(hit.uri)) return false;
    parts++;
    return true;
  };
}

/** What was read of the hours before an incident, so that an unsettled one is not read back to its start each time. */
interface Remembered {
  readonly client: string;
  readonly from: EpochMs;
  readonly vhosts: number;
  readonly context: AccessContext;
}

const memory = new WeakMap<Context, Remembered[]>();
const MOST_REMEMBERED = 64;
/** Lines are written when their requests end. */
const OVERLAP_MS = 5 * 60_000;

function remembered(ctx: Context, { client, from, vhosts }: IncidentRecord): Remembered | undefined {
  return memory
    .get(ctx)
    ?.find((one) => one.client === client && one.from === from && one.vhosts === vhosts.length);
}

function remember(
  ctx: Context,
  { client, from, vhosts }: IncidentRecord,
  context: AccessContext | null,
): void {
  if (context?.covered !== true || context.hits.length > 500) return;
  const others = (memory.get(ctx) ?? []).filter((one) => one.client !== client || one.from !== from);
  memory.set(ctx, [...others, { client, from, vhosts: vhosts.length, context }].slice(-MOST_REMEMBERED));
}

function joined(before: AccessContext | null, fresh: AccessContext | null): AccessContext | null {
  if (before === null || fresh === null) return fresh ?? before;
  const places = new Set(before.hits.map(({ ref }) => `${ref.head ?? ref.file} ${ref.offset}`));
  const added = fresh.hits.filter(({ ref }) => !places.has(`${ref.head ?? ref.file} ${ref.offset}`));
  const hits = [...before.hits, ...added].sort((a, b) => a.at - b.at || a.ref.offset - b.ref.offset);
  return { from: before.from, to: fresh.to, covered: before.covered, hits, total: hits.length };
}

/** Whether a login could say something: next to probes and texts written to attack it could not. */
function needsLookBack({ transactions, context }: Asked): boolean {
  if (context?.hits.some(isLoginLine) === true) return true;
  return !transactions.some(
    ({ path, request, findings }) =>
      probeKind(request?.uri ?? path ?? '') === 'probe' ||
      findings.some(({ outcome }) => outcome === 'hostile'),
  );
}

async function openPaths(
  ctx: Context,
  vhosts: VhostIndex,
  { incident, context }: Asked,
  lookBack: AccessContext | null,
): Promise<ReadonlySet<string>> {
  const lines = (lookBack ?? context)?.hits ?? [];
  const paths = new Set(proofPaths(lines));
  for (const { uri, status } of context?.hits ?? [])
    if (status === 404 && probeKind(uri) === 'maybe-installed') paths.add(pathOf(uri));
  const { client, from, to } = incident;
  return answeredToOthers(ctx, {
    vhosts: vhostsNamed(vhosts, incident.vhosts),
    client,
    paths,
    from: from - LOOK_BACK_MS / 2,
    to: to + CONTEXT_MS,
  });
}
