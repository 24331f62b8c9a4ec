// One pass over what is older than a time: incidents, loose transactions, lines of lfd.log, logins; a step is one short write.
import type { EpochMs } from '../model.ts';
import type { Context } from './context.ts';
import type { Protection } from './retention-protect.ts';
import { NOTHING, type Pass, type Removed } from './retention-state.ts';

/** Rows that one write looks at. */
const STEP = 300;
/** Incidents that one write takes out of the list. */
const INCIDENTS = 100;
const FIRST = Number.MIN_SAFE_INTEGER;

/** A pass from the oldest row on. */
export function newPass(before: EpochMs): Pass {
  return {
    before,
    isShrinking: false,
    stage: 'incidents',
    incidents: [FIRST, 0],
    loose: [FIRST, 0],
    lfdEvents: [FIRST, 0, 0],
    logins: [FIRST, '', '', ''],
    removed: NOTHING,
  };
}

/** The pass goes on, from where it stands, up to a later time: the limit of bytes wants it. */
export function widened(pass: Pass, before: EpochMs): Pass {
  return { ...pass, before, isShrinking: true, stage: 'incidents' };
}

/** One write: what hangs on incidents that went, else the next rows of the stage. */
export function stepPass(ctx: Context, pass: Pass, protection: Protection): Pass {
  const { store } = ctx;
  return store.write(() => {
    if (store.retention.hasFading()) {
      const { transactions } = store.retention.drain(STEP);
      return { ...pass, removed: add(pass.removed, { transactions }) };
    }
    return STEPS[pass.stage](ctx, pass, protection);
  });
}

type Step = (ctx: Context, pass: Pass, protection: Protection) => Pass;

const STEPS: Readonly<Record<Pass['stage'], Step>> = {
  /** Incidents go whole: one that lost some of its requests would be judged by the rest. */
  incidents: ({ store }, pass, { holdsAddress, holdsHosts }) => {
    const { rows, next, isLast } = store.retention.incidents(pass.before, pass.incidents, INCIDENTS);
    const free = rows.filter(
      ({ client, toAt, vhosts, isMarked }) =>
        !isMarked && !holdsAddress(client) && !holdsHosts(vhosts, toAt / 1000),
    );
    store.retention.fade(free.map(({ id }) => id));
    const removed = add(pass.removed, { incidents: free.length });
    return { ...pass, incidents: next, removed, stage: isLast ? 'loose' : 'incidents' };
  },
  loose: ({ store }, pass, { holdsAddress, holdsHosts }) => {
    const { rows, next, isLast } = store.retention.loose(pass.before, pass.loose, STEP);
    const free = rows.filter(
      ({ client, at, vhost }) => !holdsAddress(client) && (vhost === null || !holdsHosts([vhost], at / 1000)),
    );
    store.retention.dropLoose(free.map(({ id }) => id));
    const removed = add(pass.removed, { transactions: free.length });
    return { ...pass, loose: next, removed, stage: isLast ? 'lfdEvents' : 'loose' };
  },
  lfdEvents: ({ store }, pass, { holdsAddress }) => {
    const { rows, next, isLast } = store.retention.lfdEvents(pass.before, pass.lfdEvents, STEP);
    const free = rows.filter(({ address }) => address === null || !holdsAddress(address));
    store.retention.dropLfdEvents(free);
    const removed = add(pass.removed, { others: free.length });
    return { ...pass, lfdEvents: next, removed, stage: isLast ? 'logins' : 'lfdEvents' };
  },
  logins: ({ store }, pass, { holdsAddress }) => {
    const { rows, next, isLast } = store.retention.logins(pass.before, pass.logins, STEP);
    const free = rows.filter(({ address }) => !holdsAddress(address));
    store.retention.dropLogins(free);
    const removed = add(pass.removed, { others: free.length });
    return { ...pass, logins: next, removed, stage: isLast ? 'over' : 'logins' };
  },
  over: (_ctx, pass) => pass,
};

function add(sum: Removed, more: Partial<Removed>): Removed {
  return {
    incidents: sum.incidents + (more.incidents ?? 0),
    transactions: sum.transactions + (more.transactions ?? 0),
    others: sum.others + (more.others ?? 0),
  };
}
