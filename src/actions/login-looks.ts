// For incidents that a login could explain: the access lines of the day before, and which proof pages answer anybody.
import { proofPaths, isLoginLine } from '../analyse/login-proof.ts';
import { pathOf, type AccessContext } from '../analyse/access-context.ts';
import { probeKind } from '../analyse/probe.ts';
import type { Transaction } from '../model.ts';
import type { IncidentRecord } from '../store/incidents.ts';
import { CONTEXT_MS, readAccess } from './access.ts';
import { answeredToOthers } from './access-others.ts';
import type { Context } from './context.ts';
import { vhostsNamed } from './judge-case.ts';
import type { VhostIndex } from './vhosts.ts';

const DAY_MS = 86_400_000;

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
  const questions = wanted.map(({ incident: { client, from, to } }) => ({
    client,
    from: from - DAY_MS,
    to: to + CONTEXT_MS,
  }));
  const { contexts } = wanted.length === 0 ? { contexts: [] } : await readAccess(ctx, names, questions);
  const found = new Map(wanted.map((one, index) => [one, contexts[index] ?? null]));
  const looks: LoginLook[] = [];
  for (const one of asked) {
    const lookBack = found.get(one) ?? null;
    looks.push({ lookBack, open: await openPaths(ctx, vhosts, one, lookBack) });
  }
  return looks;
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
    from: from - DAY_MS / 2,
    to: to + CONTEXT_MS,
  });
}
