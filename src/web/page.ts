// What a page is: fields in, one answer out.
import type { WhmLook } from '../actions/doctor-seen.ts';
import type { ServerView } from '../actions/explanation.ts';
import type { Pastes } from './pastes.ts';
import { WebProblem } from './problems.ts';
import type { Method } from './requests.ts';
import type { Section } from './shell.ts';
import type { WebEngine } from './web-context.ts';

/** A view to render. */
export interface ViewAnswer {
  readonly kind: 'view';
  readonly status: number;
  readonly view:
    | 'home'
    | 'ask'
    | 'incident'
    | 'activity'
    | 'search'
    | 'search-results'
    | 'search-logs'
    | 'around'
    | 'domains'
    | 'domain'
    | 'causes'
    | 'cause'
    | 'cause-page'
    | 'rules'
    | 'rule'
    | 'propose'
    | 'scope'
    | 'act'
    | 'act-state'
    | 'exclusions'
    | 'exclusion'
    | 'found'
    | 'change'
    | 'marks'
    | 'report'
    | 'firewall'
    | 'firewall-ask'
    | 'firewall-plan'
    | 'firewall-act'
    | 'doctor'
    | 'doctor-form';
  readonly section: Section;
  /** Whether the bar shows the small box. */
  readonly find: boolean;
  readonly page: { readonly title: string };
  readonly server: ServerView | null;
  /** Where a browser without JavaScript looks again in two seconds; null or absent when nothing is running. */
  readonly refresh?: string | null;
}

interface RedirectAnswer {
  readonly kind: 'redirect';
  readonly to: string;
}

/** A file to be saved by the browser, never shown in it. */
export interface FileAnswer {
  readonly kind: 'file';
  /** Letters, digits, dots and dashes only. */
  readonly name: string;
  readonly type: string;
  readonly body: string;
  /** A remark in plain ASCII for the header X-Whyblocked-Note; null for none. */
  readonly note: string | null;
}

export type PageAnswer = ViewAnswer | RedirectAnswer | FileAnswer;

export interface PageTools {
  readonly engine: WebEngine;
  readonly pastes: Pastes;
  /** Epoch ms. */
  readonly clock: () => number;
}

/** Who asks, and whether the answer is still wanted: the signal aborts when the browser goes away. */
export interface Visit {
  readonly who: string;
  readonly address: string | null;
  readonly gone: AbortSignal;
  /** What this request shows of WHM; null outside WHM. */
  readonly whm: WhmLook | null;
}

/** A page: query (or form, for POST) in, answer out. */
export type Page = (
  tools: PageTools,
  fields: URLSearchParams,
  visit: Visit,
) => PageAnswer | Promise<PageAnswer>;

/** What a page answers to. HEAD always goes with GET. */
export interface Route {
  readonly methods: readonly Method[];
  readonly get: Page;
  readonly post: Page;
  /** Its POST changes nothing: who may only look may send it too. */
  readonly isHarmless?: true;
}

/** Stands where a page has no such method. */
export const noPage: Page = () => {
  throw new WebProblem(404, '');
};
