// The sources: where each was found, whether it can be read, how far behind it is, and what of it was not understood.
import { span } from '../analyse/sentences.ts';
import type { LogFile } from '../model.ts';
import { type Check, checksOf } from './doctor-view.ts';

export interface SourceLook {
  readonly kind: 'error_log' | 'audit_log' | 'lfd_log' | 'access_log';
  readonly logs: readonly LogFile[];
  readonly now: number;
  /** Newest time of a line, epoch ms; null when none was read. */
  readonly lastAt: number | null;
  readonly lines: number;
  readonly refused: number;
}

interface Words {
  readonly title: string;
  readonly means: string;
  readonly gone: string;
  readonly mend: string;
}

const WORDS: Readonly<Record<SourceLook['kind'], Words>> = {
  error_log: {
    title: 'error_log',
    means: 'Every rule hit stands here.',
    gone: 'Without it no block by ModSecurity can be explained.',
    mend: 'Name it with errorLogs in the config file if it lies elsewhere.',
  },
  audit_log: {
    title: 'Audit log',
    means: 'Whole requests with their headers and all rule hits.',
    gone: 'Rule hits come from error_log alone; long lines there are cut off.',
    mend: 'WHM » ModSecurity Configuration » Audit Log Level: only log noteworthy transactions.',
  },
  lfd_log: {
    title: 'lfd.log',
    means: 'When and why lfd blocked.',
    gone: 'Only the comments in csf.deny tell why.',
    mend: 'Name it with lfdLogs in the config file if it lies elsewhere.',
  },
  access_log: {
    title: 'Access logs',
    means: 'What else an address asked for: it tells customers from attackers.',
    gone: 'Verdicts say "very likely" at most.',
    mend: 'Name them with accessLogs and domlogFolders in the config file if they lie elsewhere.',
  },
};

const DAY_MS = 86_400_000;
/** A share of lines not understood that is more than a few odd ones. */
const MANY = 0.01;

/** `archives`: names in the folder of rotated logs; `audits`: names in the folder of single audit records. */
export function logChecks(
  sources: readonly SourceLook[],
  archives: readonly string[],
  audits: readonly string[],
): Check[] {
  return [...sources.map(sourceCheck), ...auditForm(audits), rotationCheck(sources, archives)];
}

/** With mpm-itk, mod_ruid2 or ModSecurity 3 each request has an audit file of its own. */
function auditForm(audits: readonly string[]): Check[] {
  if (audits.length === 0) return [];
  return [
    checksOf('logs')('audit-form', 'Form of the audit log', {
      state: 'warn',
      found: 'one file a request (SecAuditLogType Concurrent)',
      means: 'These files are not read yet: rule hits come from error_log, without the requests’ headers.',
      mend: 'Nothing has to be done. With SecAuditLogType Serial the whole requests would be seen, where the server’s Apache allows it.',
    }),
  ];
}

function sourceCheck(look: SourceLook): Check {
  const { kind, logs, refused, lines } = look;
  const { title, means, gone, mend } = WORDS[kind];
  const check = checksOf('logs');
  const current = logs.filter((log) => !log.rotated);
  const readable = current.filter(({ problem }) => problem === null);
  const [broken] = current.filter(({ problem }) => problem !== null);
  if (readable.length === 0)
    return check(kind, title, {
      state: kind === 'error_log' ? 'fail' : 'warn',
      found: broken === undefined ? 'not found' : `${broken.path}: ${broken.problem ?? ''}`,
      means: gone,
      mend,
    });
  const many = refused > Math.max(20, lines * MANY);
  const places = `${readable[0]?.path ?? ''}${readable.length > 1 ? ` and ${readable.length - 1} more` : ''}`;
  const parts = [
    places,
    lastWords(look),
    refused > 0 ? `${refused} of ${lines + refused} lines not understood` : null,
  ];
  return check(kind, title, {
    state: many || broken !== undefined ? 'warn' : 'ok',
    found: parts.filter((part) => part !== null).join('; '),
    means: broken === undefined ? means : `${means} ${broken.path} cannot be read: ${broken.problem ?? ''}.`,
    mend: many ? 'A log in another format: send us a few of its lines, masked by `whyblocked search`.' : null,
  });
}

function lastWords({ lastAt, now, kind }: SourceLook): string | null {
  if (kind === 'access_log') return null;
  if (lastAt === null) return 'no line of interest yet';
  const behind = Math.max(0, now - lastAt);
  return `last line ${span(behind)} ago${behind > 7 * DAY_MS ? ' (quiet, or written elsewhere by now)' : ''}`;
}

function rotationCheck(sources: readonly SourceLook[], archives: readonly string[]): Check {
  const rotated = sources.flatMap(({ logs }) => logs.filter((log) => log.rotated));
  const names = [...new Set(rotated.map(({ path }) => path.slice(path.lastIndexOf('/') + 1)))];
  const known = new Set(names);
  const unknown = archives.filter((name) => !known.has(name));
  return checksOf('logs')('rotation', 'Rotated logs', {
    state: unknown.length > 0 ? 'warn' : 'info',
    found: `${rotated.length} found${names.length > 0 ? `, such as ${names.slice(0, 3).join(', ')}` : ''}${unknown.length > 0 ? `; in the archive folder and not taken for a log: ${unknown.slice(0, 3).join(', ')}` : ''}`,
    means: 'They are searched and read back as far as they reach.',
    mend: unknown.length > 0 ? 'Send us these names: this server rotates in another way.' : null,
  });
}
