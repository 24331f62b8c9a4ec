// How logins to the applications show in an access log: the request, its failure, and the pages that prove it.
// `measured`: seen in real logs of the application; `judged`: from how the application is known to behave.
import { pathOf } from '../access-context.ts';
import { urlDecode } from '../decode.ts';
import { splitUri } from '../value-place.ts';
import { CMS_LOGINS } from './login-cms.ts';
import type { LineShape, LoginSpec } from './login-entry.ts';
import { TOOL_LOGINS } from './login-tools.ts';

/** What an access-log line tells. */
export interface LoginLine {
  readonly method: string | null;
  readonly uri: string;
  readonly status: number;
  readonly bytes: number | null;
}

/** One application. `bytes` is only for whoever compares proofs (`distinct`). */
export interface LoginApp {
  readonly app: string;
  /** A password was sent, whatever came of it. */
  readonly isLogin: (line: LoginLine) => boolean;
  /** A password attempt that reached the application and was refused, or may have been (`sameAnswer`). */
  readonly failed: (line: LoginLine) => boolean;
  /** The answer of a login that worked, or may have (`sameAnswer`). */
  readonly loggedIn: (line: LoginLine) => boolean;
  /** After such a login: a page that only somebody logged in gets. */
  readonly proves: (line: LoginLine) => boolean;
  /** A page that only somebody with author rights gets. */
  readonly authors: (line: LoginLine) => boolean;
  /** How many proofs a login needs. */
  readonly proofs: number;
  /** Proofs must be different pages whose answers have different sizes: the login form itself has one. */
  readonly distinct: boolean;
  /** The answer to a wrong password is the same: a failure counts only where no login is proved. */
  readonly sameAnswer: boolean;
  /** Its failures count as guessed passwords (R7). */
  readonly guessing: boolean;
  readonly sureness: 'measured' | 'judged';
}

export const LOGIN_APPS: readonly LoginApp[] = [...CMS_LOGINS, ...TOOL_LOGINS].map(appOf);

function appOf(spec: LoginSpec): LoginApp {
  return {
    app: spec.app,
    isLogin: (line) => fits(spec.login, line),
    failed: (line) => fits({ ...spec.login, status: spec.failedStatus }, line),
    loggedIn: (line) => fits({ ...spec.login, status: spec.loginStatus }, line),
    proves: (line) => fits(spec.proof, line),
    authors: (line) => fits(spec.author, line),
    proofs: spec.proofs,
    distinct: spec.distinct,
    sameAnswer: spec.failedStatus.some((status) => spec.loginStatus.includes(status)),
    guessing: spec.guessing,
    sureness: spec.sureness,
  };
}

function fits(shape: LineShape | null, line: LoginLine): boolean {
  if (line.method !== shape?.method) return false;
  if (shape.status !== null && !shape.status.includes(line.status)) return false;
  // Most lines are told apart by their path: the query is read for the others only.
  const path = plainPath(line.uri);
  if (!shape.path.test(path) || shape.notPath?.test(path) === true) return false;
  if (shape.query === undefined && shape.notQuery === undefined) return true;
  const query = queryText(splitUri(line.uri).args);
  return (shape.query?.test(query) ?? true) && shape.notQuery?.test(query) !== true;
}

/** The path as Apache reads it: decoded, repeated slashes as one; of an absolute target without its host. */
function plainPath(uri: string): string {
  const path = urlDecode(uri.startsWith('/') ? pathOf(uri) : splitUri(uri).path);
  return path.includes('//') ? path.replace(/\/{2,}/g, '/') : path;
}

/** `?a=1&b=2&a=3` as `&a=3&b=2&`: of a repeated name PHP takes the last. No value can hold a `&` here. */
function queryText(args: readonly { readonly name: string; readonly value: string }[]): string {
  const last = new Map(args.map(({ name, value }) => [name, value.replaceAll('&', ' ')]));
  return last.size === 0 ? '' : `&${Array.from(last, ([name, value]) => `${name}=${value}`).join('&')}&`;
}
