// Wires one context: the server's files, the database, the clock.
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Context } from './actions/context.ts';
import { BadInput, Refused } from './actions/errors.ts';
import { type MailConfig, mailSettings } from './actions/mail-settings.ts';
import type { AuditBatch } from './actions/ingest-audit.ts';
import type { ErrorBatch } from './actions/ingest-error.ts';
import { asksDns, type NetworkSettings, proxyBook } from './actions/proxy-nets.ts';
import type { ReadState } from './actions/read-state.ts';
import { retentionLimits, type RetentionSettings } from './actions/retention-limits.ts';
import { ReadHelper, takenHere } from './read-helper.ts';
import { NO_DNS, openDns } from './host/dns.ts';
import type { ActSettings } from './host/server-acts.ts';
import type { LayoutOverrides } from './host/layout.ts';
import { openHost } from './host/local-host.ts';
import { setDatabaseAside } from './host/own-files.ts';
import { keyedHash } from './keyed-hash.ts';
import { StoreError } from './store/database.ts';
import { Store } from './store/store.ts';

export interface ContextOptions {
  readonly root: string;
  readonly overrides?: LayoutOverrides;
  readonly acts?: ActSettings;
  /** Seconds after which a search of the pages is ended; 30 unless set. */
  readonly searchSeconds?: number;
  /** Proxies, and whether DNS is asked. */
  readonly network?: NetworkSettings;
  /** How long and how much is kept. */
  readonly retention?: RetentionSettings;
  /** Mails about blocks; none are sent without. */
  readonly mail?: MailConfig;
  readonly state?: string | undefined;
  readonly now?: string | undefined;
  readonly version: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Lets a first start use the second core; costs memory, so the service does without. */
  readonly helperThread?: boolean;
  /** See Context. */
  readonly isService?: boolean;
  /** Looks at the whole database for damage first: after an error that `isDamage` knows. */
  readonly check?: boolean;
  /** Where another thread reads the logs and judges: what it says of its work. Nothing is written then. */
  readonly reader?: () => ReadState;
  /** As `reader`, but acts may be written. */
  readonly writes?: boolean;
  /** See OpenOptions. */
  readonly databaseWaitMs?: number;
  /** Told when a damaged database was set aside. */
  readonly warn: (sentence: string) => void;
}

export interface OpenContext extends Context {
  close(): void;
}

/**
 * Opens the context. Throws BadInput for a wrong --now or a root that is no folder, Refused for a database that
 * cannot be used. A damaged database is set aside and made anew from the logs.
 */
export function openContext(options: ContextOptions): OpenContext {
  const fixedNow = nowOf(options);
  const host = hostOf(options);
  const stateDir = host.stateDir(options.state);
  const path = join(stateDir, 'whyblocked.db');
  const store = openStore(path, host.rootDir, options);
  const key = hashKey(store);
  const hash = keyedHash(key);
  const helper = options.helperThread === true ? new ReadHelper(key, hash) : null;
  return {
    host,
    store,
    stateDir,
    version: options.version,
    hash,
    fixedNow,
    reader: options.reader ?? null,
    proxies: proxyBook(host, options.network ?? {}),
    retention: retentionLimits(options.retention ?? {}, host.rootDir === '/'),
    mail: mailSettings(options.mail, host.hostname()),
    dns: asksDns(options.network, host.rootDir) ? openDns() : NO_DNS,
    readAhead: helper === null ? 1 : 8,
    readError: (job) => helper?.read<ErrorBatch>(job) ?? Promise.resolve(takenHere<ErrorBatch>(job, hash)),
    readAudit: (job) => helper?.read<AuditBatch>(job) ?? Promise.resolve(takenHere<AuditBatch>(job, hash)),
    isService: options.isService === true,
    close: () => {
      helper?.close();
      store.close();
    },
  };
}

/** The server's files without the database. Throws BadInput for a root that is no folder. */
export function hostOf({
  root,
  overrides,
  acts,
  env,
}: Pick<ContextOptions, 'root' | 'overrides' | 'acts' | 'env'>): ReturnType<typeof openHost> {
  try {
    return openHost({ root, overrides, acts, env });
  } catch (error) {
    throw new BadInput(
      `--root ${root} cannot be read: ${String((error as { code?: unknown }).code ?? error)}. Name the folder that holds etc/ and var/ of the server.`,
    );
  }
}

function openStore(path: string, root: string, options: ContextOptions): Store {
  const { check = false, databaseWaitMs, warn } = options;
  try {
    return new Store(path, root, {
      check,
      readOnly: options.reader !== undefined && options.writes !== true,
      ...(databaseWaitMs === undefined ? {} : { waitMs: databaseWaitMs }),
    });
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    if (error.problem !== 'corrupt') throw new Refused(error.message, error.cause);
    const aside = `${path}.damaged-${new Date().toISOString().replace(/[:.]/g, '-')}`;
    setDatabaseAside(path, aside);
    warn(`${error.message} It was set aside as ${aside}; the logs are read again.`);
    return new Store(path, root);
  }
}

/** The key of value hashes: made once a database, so that hashes of two servers cannot be compared. */
function hashKey(store: Store): string {
  const known = store.meta('hash_key');
  if (known !== null) return known;
  return store.write(() => {
    const again = store.meta('hash_key');
    if (again !== null) return again;
    const key = randomBytes(32).toString('hex');
    store.setMeta('hash_key', key);
    return key;
  });
}

/** The time of --now; null without one. Throws BadInput. */
export function nowOf({ now }: Pick<ContextOptions, 'now'>): number | null {
  return now === undefined ? null : parseNow(now);
}

function parseNow(text: string): number {
  const at = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?$/.test(text)
    ? Date.parse(text)
    : NaN;
  if (Number.isNaN(at))
    throw new BadInput(`--now ${text} is no ISO 8601 time. Give one like 2026-11-22T18:00:00+01:00.`);
  return at;
}
