// What every page has around its content: title, navigation, the one box, the foot.
import type { ServerView } from '../actions/explanation.ts';
import type { Identity } from './access.ts';
import type { Assets } from './assets.ts';
import { pageLink } from './links.ts';
import { dayTime } from './view-time.ts';

/** What the partials `head` and `foot` need. */
export interface Shell {
  readonly title: string;
  /** A part of WHM's page instead of a page. */
  readonly isFragment: boolean;
  readonly css: string;
  readonly js: string;
  readonly home: string;
  /** `key`: after a `g` it leads there; empty for none. */
  readonly nav: readonly {
    readonly href: string;
    readonly text: string;
    readonly key: string;
    readonly current: boolean;
  }[];
  /** Where the one box posts to, and the token; null when nobody is signed in. */
  readonly form: { readonly action: string; readonly csrf: string } | null;
  /** The small box in the bar; absent where the page has its own. */
  readonly find: boolean;
  readonly signOut: string | null;
  /** Set for who may only look: why there are no forms that change something. */
  readonly readOnly: string | null;
  /** Where a browser without JavaScript goes in two seconds to see more of what is still running; null for a finished page. */
  readonly refresh: string | null;
  /** What stopped the reading of logs; null while all goes well. */
  readonly notice: ServerView['notice'];
  readonly foot: string;
}

export type Section =
  | 'inbox'
  | 'causes'
  | 'domains'
  | 'rules'
  | 'exclusions'
  | 'search'
  | 'firewall'
  | 'activity'
  | 'doctor'
  | null;

export interface ShellOptions {
  readonly title: string;
  readonly section: Section;
  readonly find: boolean;
  readonly server: ServerView | null;
  readonly refresh?: string | null;
  readonly isFragment: boolean;
}

/** Why somebody may only look. */
export const READ_ONLY = 'your name is in access.readOnly of the configuration.';

/** The signed-in part of a shell. */
export interface SignedIn {
  readonly identity: Identity;
  readonly csrf: string;
  readonly canSignOut: boolean;
}

/** The last line: version, host, whose clock the times follow, and when the page was made. */
function footText(version: string, server: ServerView | null): string {
  if (server === null) return `Whyblocked ${version}`;
  const host = server.hostname === null ? '' : ` on ${server.hostname}`;
  const guess = server.offsetBasis === 'inferred' ? ' (inferred)' : '';
  return `Whyblocked ${server.version}${host} \u00b7 times are ${server.offset}${guess}, the server\u2019s own \u00b7 as of ${dayTime(server.now)}`;
}

/** Builds the shell of a page; without a signed-in user it has no navigation and no forms. */
export function makeShell(
  assets: Assets,
  version: string,
  user: SignedIn | null,
  options: ShellOptions,
): Shell {
  const nav = [
    { section: 'inbox', href: pageLink('/'), text: 'Inbox', key: 'i' },
    { section: 'causes', href: pageLink('/causes'), text: 'Causes', key: 'c' },
    { section: 'domains', href: pageLink('/domains'), text: 'Domains', key: 'd' },
    { section: 'rules', href: pageLink('/rules'), text: 'Rules', key: 'r' },
    { section: 'exclusions', href: pageLink('/exclusions'), text: 'Exclusions', key: 'e' },
    { section: 'search', href: pageLink('/search'), text: 'Search', key: 's' },
    { section: 'firewall', href: pageLink('/firewall'), text: 'Firewall', key: 'f' },
    { section: 'activity', href: pageLink('/activity'), text: 'Activity', key: 'a' },
    { section: 'doctor', href: pageLink('/doctor'), text: 'Self-test', key: '' },
  ];
  return {
    title: options.title,
    isFragment: options.isFragment,
    css: assets.css,
    js: assets.js,
    home: pageLink('/'),
    nav:
      user === null
        ? []
        : nav.map(({ section, href, text, key }) => ({
            href,
            text,
            key,
            current: section === options.section,
          })),
    form: user === null ? null : { action: pageLink('/explain'), csrf: user.csrf },
    find: user !== null && options.find,
    readOnly: user?.identity.isReadOnly === true ? READ_ONLY : null,
    signOut: user?.canSignOut === true ? pageLink('/logout') : null,
    refresh: options.refresh ?? null,
    notice: options.server?.notice ?? null,
    foot: footText(version, options.server),
  };
}
