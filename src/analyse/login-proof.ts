// Logins in one client's access lines: which are proved by pages that only a login gives, and which attempts failed.
import type { AccessHit, EpochMs } from '../model.ts';
import { pageKey, pathOf } from './access-context.ts';
import { LOGIN_APPS, type LoginApp, type LoginLine } from './patterns/logins.ts';

/** A login that pages behind it prove. */
export interface LoginProof {
  readonly app: string;
  readonly site: string;
  readonly at: EpochMs;
  /** Whether pages were opened that only authors get. */
  readonly authors: boolean;
  /** The login and its proofs. */
  readonly lines: readonly AccessHit[];
}

/** A password attempt that reached the application and failed. */
export interface FailedLogin {
  readonly app: string;
  readonly site: string;
  readonly at: EpochMs;
  readonly line: AccessHit;
}

export interface Logins {
  readonly proofs: readonly LoginProof[];
  readonly failed: readonly FailedLogin[];
  /** When a password was answered as a login that worked, proved or not. */
  readonly worked: readonly EpochMs[];
  /** Applications whose proof pages others get without a login: nothing is proved there. */
  readonly openToAll: readonly string[];
}

/** A guessed password is no proof: a login after this many failures does not count. */
const MOST_FAILURES = 5;
const PROOF_MS = 12 * 3_600_000;

interface LoginLook {
  readonly siteOf: (vhost: string) => string;
  /** Whether others get 200 on this path. */
  readonly othersGet200: (path: string) => boolean;
}

/** Reads logins out of one client's lines (any order); lines without a vhost are left out. */
export function findLogins(lines: readonly AccessHit[], look: LoginLook): Logins {
  const proofs: LoginProof[] = [];
  const failed: FailedLogin[] = [];
  const openToAll: string[] = [];
  const bySite = Map.groupBy(
    lines.filter((line) => line.vhost !== null),
    (line) => look.siteOf(line.vhost ?? ''),
  );
  for (const [site, own] of bySite) {
    const sorted = own.toSorted((a, b) => a.at - b.at || a.ref.offset - b.ref.offset);
    for (const app of LOGIN_APPS) {
      if (!sorted.some(app.isLogin)) continue;
      const found = loginsOf(app, site, sorted, look);
      proofs.push(...found.proofs);
      if (found.isOpen) openToAll.push(app.app);
      if (app.guessing && (found.proofs.length === 0 || !app.sameAnswer)) failed.push(...found.failed);
    }
  }
  // Where a wrong password gets the same answer, only a proved login worked.
  const worked = lines
    .filter((line) => LOGIN_APPS.some((app) => !app.sameAnswer && app.loggedIn(line)))
    .map(({ at }) => at);
  worked.push(...proofs.map(({ at }) => at));
  return { proofs, failed, worked, openToAll };
}

function loginsOf(
  app: LoginApp,
  site: string,
  lines: readonly AccessHit[],
  look: LoginLook,
): { proofs: LoginProof[]; failed: FailedLogin[]; isOpen: boolean } {
  const proofs: LoginProof[] = [];
  const failed: FailedLogin[] = [];
  let isOpen = false;
  for (const [index, line] of lines.entries()) {
    if (app.loggedIn(line) && failed.length < MOST_FAILURES) {
      const behind = lines.slice(index + 1).filter((later) => later.at - line.at <= PROOF_MS);
      const pages = behind.filter(app.proves);
      const closed = pages.filter((page) => !look.othersGet200(pathOf(page.uri)));
      const answersAnybody = closed.length < pages.length;
      isOpen ||= answersAnybody;
      if (!answersAnybody && isEnough(app, closed)) {
        const authors = closed.some(app.authors);
        proofs.push({ app: app.app, site, at: line.at, authors, lines: [line, ...closed].slice(0, 20) });
      }
    }
    if (app.failed(line)) failed.push({ app: app.app, site, at: line.at, line });
  }
  return { proofs, failed, isOpen: isOpen && proofs.length === 0 };
}

/** As many proofs as the application needs; where asked, different pages with answers of different sizes. */
function isEnough(app: LoginApp, pages: readonly AccessHit[]): boolean {
  if (app.proofs === 0) return false;
  if (!app.distinct) return pages.length >= app.proofs;
  const sizes = new Map(pages.map((page) => [page.bytes, pageKey(page.uri)]));
  return new Set(sizes.values()).size >= app.proofs;
}

/** Paths of pages in these lines that would prove a login: whether others get them too has to be looked up. */
export function proofPaths(lines: readonly AccessHit[]): ReadonlySet<string> {
  const paths = new Set<string>();
  for (const app of LOGIN_APPS) {
    if (app.proofs === 0 || !lines.some(app.loggedIn)) continue;
    for (const line of lines) if (app.proves(line)) paths.add(pathOf(line.uri));
  }
  return paths;
}

/** Whether a line is a password attempt at any application. */
export function isLoginLine(line: LoginLine): boolean {
  return LOGIN_APPS.some((app) => app.isLogin(line));
}

/** Whether a line says anything of logins: an attempt, or a page that proves one. */
export function isAboutLogins(line: LoginLine): boolean {
  return LOGIN_APPS.some((app) => app.isLogin(line) || app.proves(line) || app.authors(line));
}

/** Whether a line is the answer of a login that worked, or may have. */
export function isLoginWorked(line: LoginLine): boolean {
  return line.method === 'POST' && LOGIN_APPS.some((app) => app.loggedIn(line));
}
