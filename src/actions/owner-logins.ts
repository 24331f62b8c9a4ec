// Who logged in from an address before an incident, as the evidence wants it.
import type { OwnerLogin } from '../model-evidence.ts';
import type { EpochMs } from '../model.ts';
import type { Context } from './context.ts';
import { loginsCovered } from './ingest-logins.ts';

/** How long before the end of an incident a login counts. */
const COUNTED_MS = 7 * 86_400_000;

/**
 * Successful logins from an address in the 7 days up to `until`, newest first, one a service and user. Null when there is
 * none, and no log of logins covers `until`: then nobody can tell.
 */
export function ownerLogins(ctx: Context, address: string, until: EpochMs): OwnerLogin[] | null {
  const found = ctx.store.logins.ofAddress(address, until - COUNTED_MS, until).flatMap((login) => {
    const ref = ctx.store.place(login.last.fileId, login.last.offset);
    const { service, user, first, last } = login;
    return ref === null ? [] : [{ address, service, user, firstAt: first.at, lastAt: last.at, ref }];
  });
  if (found.length > 0) return found;
  const covered = loginsCovered(ctx);
  return covered === null || until < covered.from || until > covered.to ? null : [];
}
