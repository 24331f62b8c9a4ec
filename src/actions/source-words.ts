// What each source is good for, what its absence means, and how its states are mended.
import type { SourceName } from './source-looks.ts';
import type { SourceCase } from './source-state.ts';

export interface SourceWords {
  readonly title: string;
  /** What of it is counted. */
  readonly noun: string;
  /** What it shows. */
  readonly means: string;
  /** What is missing without it. */
  readonly gone: string;
  /** The field of the config file that names it. */
  readonly field: string;
}

export const SOURCE_WORDS: Readonly<Record<SourceName, SourceWords>> = {
  error_log: {
    title: 'error_log',
    noun: 'line',
    means: 'Every rule hit stands here.',
    gone: 'Without it no block by ModSecurity can be explained.',
    field: 'errorLogs',
  },
  nginx_error_log: {
    title: 'nginx error log',
    noun: 'line',
    means: 'Rule hits of ModSecurity in nginx. lfd does not see these lines: it reads Apache’s log.',
    gone: 'Without it no rule hit in nginx is known.',
    field: 'nginxErrorLogs',
  },
  audit_log: {
    title: 'Audit log',
    noun: 'record',
    means: 'Whole requests with their headers and all rule hits.',
    gone: 'Rule hits come from error_log alone; long lines there are cut off.',
    field: 'auditLogs or auditFolders',
  },
  lfd_log: {
    title: 'lfd.log',
    noun: 'line',
    means: 'When and why lfd blocked.',
    gone: 'Only the comments in csf.deny tell why.',
    field: 'lfdLogs',
  },
  domlogs: {
    title: 'Access logs of vhosts',
    noun: 'line',
    means: 'What else an address asked for: it tells customers from attackers. Read when it is asked about.',
    gone: 'Verdicts say "very likely" at most.',
    field: 'domlogFolders',
  },
  access_log: {
    title: 'Shared access log',
    noun: 'line',
    means: 'Requests that reached no vhost of their own. Read when it is asked about.',
    gone: 'What an address asked of the server’s bare address is not seen.',
    field: 'accessLogs',
  },
  nginx_access_log: {
    title: 'nginx access log',
    noun: 'line',
    means: 'Requests that nginx took in front of Apache. Read when it is asked about.',
    gone: 'What nginx answered by itself is not seen.',
    field: 'accessLogs',
  },
  login_logs: {
    title: 'Logs of logins',
    noun: 'login',
    means: 'Successful mail, FTP and cPanel logins: they tell the owner of a site from a stranger.',
    gone: 'Owners are not recognised by their logins.',
    field: 'mailLogs or systemLogs',
  },
};

/** What of a source the words about its state need. */
export interface StateFacts {
  readonly name: SourceName;
  readonly is: SourceCase;
  /** Paths that cannot be read, each with why; empty when all can. */
  readonly broken: string;
  readonly problem: string | null;
  /** When the last line was written, in words; null when none is known. */
  readonly lastAt: string | null;
}

/** What a state of a source means, and what mends it; null when nothing has to be done. */
export function stateWords(facts: StateFacts): { readonly means: string; readonly mend: string | null } {
  const { means, gone, field } = SOURCE_WORDS[facts.name];
  const since = facts.lastAt === null ? '' : ` It was read up to ${facts.lastAt}; what it said before stays.`;
  const named = `Name it with ${field} in the config file if it lies elsewhere.`;
  switch (facts.is) {
    case 'missing':
      return { means: gone, mend: facts.name === 'audit_log' ? `${AUDIT_ON} ${named}` : named };
    case 'gone':
      return {
        means: `${gone}${since}`,
        mend: `Whatever writes it has lost it: restart that program, so that it opens a new one. ${named}`,
      };
    case 'denied':
      return { means: `${gone}${since} That does not mean nothing happened.`, mend: mendOf(facts.problem) };
    case 'partly':
    case 'older-broken':
      return {
        means: `${means} What stands in these files is missing: ${facts.broken}.`,
        mend: mendOf(facts.problem),
      };
    case 'first-read':
      return {
        means: `${means} What is not read yet counts as a gap.`,
        mend: 'Nothing has to be done: it goes on by itself.',
      };
    case 'lagging':
      return {
        means: `${means} More is written than was read so far; what is not read yet counts as a gap.`,
        mend: 'Nothing has to be done while the number falls. If it grows, the server writes more than one core can read.',
      };
    case 'not-understood':
      return {
        means: `${means} Lines that are not understood are counted and left out.`,
        mend: 'A log in another format: send us the samples of `whyblocked doctor --redact`.',
      };
    default:
      return { means, mend: null };
  }
}

const AUDIT_ON = 'WHM » ModSecurity Configuration » Audit Log Level: only log noteworthy transactions.';

const MENDS: Readonly<Record<string, string>> = {
  'permission denied':
    'Run it as root, as the service does. If it runs as root, SELinux or the mount refuses it: `ls -lZ`, `ausearch -m avc`.',
  'read error of the disk': 'Look at the disk: `dmesg` names the errors.',
  'damaged archive': 'Nothing mends it but a backup; its good beginning was read.',
  'unfinished archive': 'If it is still being packed, nothing has to be done. Its beginning was read.',
  'not a regular file': 'Put a file in its place, or name the right path in the config file.',
  'link loop': 'Mend the links that lead to it.',
};

function mendOf(problem: string | null): string {
  return MENDS[problem ?? ''] ?? 'Look at the file and its folder: `namei -l` shows what stops it.';
}
