// Reading a request: its query, its form, its method. Every value is a text; repeated names count once.
import type { Request, Response } from 'express';
import { WebProblem } from './problems.ts';

/** `/`, a folder, or the CGI's name below any prefix; the page itself is named by `?p=`. */
const ENTRY = /^(?:\/[A-Za-z0-9._~-]+)*\/(?:index\.cgi)?$/;

export type Method = 'GET' | 'POST';

/** Throws a 404 problem for a path that is no entry of the pages, e.g. `/favicon.ico`. */
export function checkEntry(request: Request): void {
  if (!ENTRY.test(request.path)) throw new WebProblem(404, '');
}

/** The query of a request; malformed percent signs stay as they are. */
export function queryOf(request: Request): URLSearchParams {
  const at = request.url.indexOf('?');
  return new URLSearchParams(at < 0 ? '' : request.url.slice(at + 1));
}

/** The fields of a parsed form, the first of each name; empty when the body was no form. */
export function formOf(request: Request): URLSearchParams {
  const body: unknown = request.body;
  const form = new URLSearchParams();
  if (typeof body !== 'object' || body === null) return form;
  for (const [name, value] of Object.entries(body)) {
    const first: unknown = Array.isArray(value) ? value[0] : value;
    if (typeof first === 'string') form.set(name, first);
  }
  return form;
}

/** The method a page is asked with, GET for HEAD; throws a 405 problem that names the methods it has. */
export function methodOf(request: Request, allowed: readonly Method[]): Method {
  const method = request.method === 'HEAD' ? 'GET' : request.method;
  const found = allowed.find((one) => one === method);
  if (found !== undefined) return found;
  const allow = allowed.flatMap((one) => (one === 'GET' ? ['GET', 'HEAD'] : [one])).join(', ');
  throw new WebProblem(405, `It answers to ${allow}.`, allow);
}

/** All that a redirect may lead to: one of our own pages, whatever a part of the address came from. */
const OWN_PAGE = /^index\.cgi\?p=\/[\x21-\x7e]*$/;

/** Answers a 303 to one of our own pages, by a relative address: the prefix and its token stay. Throws for any other. */
export function redirect(response: Response, to: string): void {
  if (!OWN_PAGE.test(to)) throw new TypeError('a redirect that leads to none of our own pages');
  response.status(303).set('Location', to).type('text').send('');
}
