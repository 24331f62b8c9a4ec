// What the rest of the product may ask of the server. No verb takes a command line or a free path: log verbs take
// a LogFile that discovery gave, and look at it again before it is opened.
import type { EpochMs, LineRef, LogFile, SearchLog, Vhost } from '../model.ts';
import type { AuditFiles } from './audit-files.ts';
import type { BlockList } from './block-lists.ts';
import type { Zone } from './clock.ts';
import type { CsfList } from './csf-files.ts';
import type { CsfProgram } from './csf-program.ts';
import type { GzipMember } from './gzip-members.ts';
import type { HitsDbFile } from './hits-db.ts';
import type { HookSlot } from './hook-slot.ts';
import type { Layout } from './layout.ts';
import type { LogKind } from './logs.ts';
import type { TextLook, WantedPlaces } from './look-at-text.ts';
import type { ModsecConfig } from './modsec-config.ts';
import type { Chunk, Fingerprint, OpenLog } from './read.ts';
import type { Block } from './read-blocks.ts';
import type { LineBatch } from './read-lines.ts';
import type { LineTime, TimeWindow } from './read-window.ts';
import type { RuleFile } from './rule-files.ts';
import type { SelfLook } from './self-look.ts';
import type { Mailer } from './sendmail.ts';
import type { ServerActs } from './server-acts.ts';
import type { ServiceLines, ServiceLogKey } from './service-log.ts';
import type { IncludeFiles } from './vhost-includes.ts';

/** csf's files by what they hold. */
export type CsfFileName =
  'deny' | 'allow' | 'ignore' | 'tempban' | 'tempallow' | 'tempip' | 'gallow' | 'gignore' | 'conf';

export interface Host {
  /** The root folder on this machine, links resolved; `/` for a live server. */
  readonly rootDir: string;
  readonly layout: Layout;
  /** The server's zone; null when /etc/localtime does not tell it (then: the offset that its logs wrote). */
  readonly zone: Zone | null;

  /**
   * The logs of a kind, current ones first, then rotated ones from new to old. For access_log: with a vhost (or
   * one of its domains) its own logs, then the shared ones; without, those of all vhosts.
   */
  logs(kind: LogKind, vhost?: string): LogFile[];
  /** Bytes of a log from an offset of its unpacked text, in chunks of at most 1 MiB. Throws ReadProblem. */
  readChunks(log: LogFile, from: number, limit?: number): AsyncGenerator<Chunk>;
  /** Whole lines from an offset (the start of a line) in batches; the last batch has `rest`. Throws ReadProblem. */
  readLines(log: LogFile, from: number): AsyncGenerator<LineBatch>;
  /** Whole lines as bytes, in blocks; a line longer than `longest` bytes is passed over. Throws ReadProblem. */
  readBlocks(log: LogFile, from: number, longest: number): AsyncGenerator<Block>;
  /** The lines of a time window, found by binary search where that is possible. Throws ReadProblem. */
  readWindow(log: LogFile, window: TimeWindow, timeOf: LineTime): AsyncGenerator<LineBatch>;
  /**
   * Where the lines of a plain log begin that may be as late as an instant, by binary search: the start of a line; 0 for an
   * archive. Throws ReadProblem.
   */
  windowStart(log: LogFile, from: EpochMs, timeOf: LineTime): number;
  /** What a log is known by after it was rotated. Throws ReadProblem. */
  fingerprint(log: LogFile): Promise<Fingerprint>;
  /** First KiB, size and the bytes before some places of a log's text. Throws ReadProblem. */
  look(log: LogFile, wanted: WantedPlaces): Promise<TextLook>;
  /** The parts of an archive, from a packed offset on if the bytes before it are those of a tail. Throws ReadProblem. */
  archiveParts(
    log: LogFile,
    from: { readonly at: number; readonly tail: string | null },
  ): AsyncGenerator<GzipMember>;
  /** Whether a log begins with the bytes that a fingerprint's `head` stands for. */
  hasHead(log: LogFile, head: string): Promise<boolean>;
  /** The text of a stored line (latin1), wherever its file is now; null when it is gone. */
  lineAt(ref: LineRef): Promise<string | null>;

  /**
   * All logs that a search may read: by kind (access, error, audit, lfd, mail, system), current ones first, then
   * from new to old; a file that has two names once. Access, error, audit and lfd give one entry with the problem
   * `missing` when they have no file at all.
   */
  searchLogs(): SearchLog[];
  /**
   * One log by its server path: one of searchLogs, any regular file directly in a log folder or its archive folder,
   * or in the `logs` folder of an account's home. It comes back under the name that the layout gives its folder
   * (/var/log/apache2/x as /etc/apache2/logs/x). Never throws; for anything else `problem` is a clause that fits
   * "X cannot be searched: …", e.g. `it is not a log of this server`.
   */
  searchLogAt(path: string): SearchLog;
  /**
   * Opens a log for a search; the caller closes it. The path is looked at again: it must still lead where it led
   * when it was found, or pass the rules of searchLogAt anew. Throws ReadProblem with such a clause.
   */
  openSearchLog(log: SearchLog): OpenLog;

  /** The files of single audit records, where ModSecurity writes one a request. */
  readonly auditFiles: AuditFiles;

  /** WHM's own database of rule hits. */
  readonly hitsDb: HitsDbFile;

  /** One of csf's files with what it includes; `stable: false` when it kept changing while it was read. */
  csfFile(name: CsfFileName): Promise<CsfList>;

  /** Equal as long as nobody writes the file itself, and when that was last; null when it is not there. */
  csfStamp(name: CsfFileName): { readonly stamp: string; readonly mtimeMs: EpochMs } | null;

  /** The block lists that csf has loaded, csf.gdeny among them; a long one costs some 100 ms when it has changed. */
  blockLists(): Promise<BlockList[]>;

  /** The newest lines about an address in a log of another service that csf.conf names. See `readServiceLog`. */
  serviceLog(key: ServiceLogKey, address: string): ServiceLines;

  /** All domains that userdatadomains tells, with account and vhost; empty without that file. */
  vhosts(): Vhost[];
  /** The other names that a vhost answers to, sorted: its ServerAlias names and the domains it serves. */
  aliases(vhost: string): string[];
  /**
   * Apache's include files where exclusions may stand: those of one vhost (its servername) with the ones it shares, or
   * those of all vhosts (null), and the server's own. Ours are among them.
   */
  includeFiles(vhost: string | null): IncludeFiles;
  /** The installed ModSecurity rule files (latin1), all or those of them that `only` names by server path. */
  ruleFiles(only?: ReadonlySet<string> | null): RuleFile[];
  /** The configuration that loads them, and which engine the server has. */
  modsecConfig(): ModsecConfig;
  hostname(): string | null;
  /** The server's own addresses, normalised; loopback always. */
  ownAddresses(): string[];
  /** Addresses and nets of proxies that Apache's configuration names (mod_remoteip), normalised, sorted. */
  remoteProxies(): string[];
  /** The line of csf.conf in which the hook stands. */
  readonly hookSlot: HookSlot;
  /** What `doctor` looks at beside the logs. */
  readonly selfLook: SelfLook;
  /** What can be changed here. */
  readonly acts: ServerActs;
  /** csf, as far as something can be asked of it. */
  readonly csf: CsfProgram;
  /** How the server sends mail. */
  readonly mailer: Mailer;
  /** The folder for our own data, made 0700. Throws StateDirRefused when it would lie inside the root. */
  stateDir(explicit?: string): string;
}
