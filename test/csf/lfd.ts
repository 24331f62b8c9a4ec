// A stand-in for lfd that runs: it follows an error_log, counts as lfd does, blocks through the stand-in for csf, writes
// lfd.log and calls BLOCK_REPORT. It sends no mail.
import { execFile, spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Block, failureIn, lfdCounter, type LfdFacts } from '../bed/lfd.ts';
import { checkIp, netHolds } from './addresses.ts';
import type { CsfServer } from './kit.ts';
import { LogFollower } from './lfd-follow.ts';
import { callHook, type HookEnd, type HookRun } from './lfd-hook.ts';
import { addBan, countBans, expire, remember } from './lfd-lists.ts';
import { readConf } from './settings.ts';

export interface LfdOptions {
  readonly server: CsfServer;
  /** Absolute; what it holds already is never read. */
  readonly errorLog: string;
  /** The program of BLOCK_REPORT; what csf.conf names without. */
  readonly hook?: string;
  /** Values of csf.conf that count instead of its own, e.g. `LF_MODSEC`; LF_PARSE may have a fraction. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** A block that lfd has told of. */
export interface LfdBlock {
  /** Epoch milliseconds of its line in lfd.log. */
  readonly at: number;
  readonly address: string;
  readonly trigger: string;
  /** Null for a permanent one. */
  readonly seconds: number | null;
  readonly message: string;
  /** csf refused: the log says that it was blocked all the same. */
  readonly refused: boolean;
  /** What the hook was given; null without a hook. */
  readonly hookArguments: readonly string[] | null;
  /** Settles when the hook has ended or lfd no longer waits for it; null without a hook. */
  readonly hookEnd: Promise<HookEnd> | null;
}

export interface Lfd {
  /** Ends it after the cycle that it is in; hooks that still run are ended too. */
  stop(): Promise<void>;
  blocks(): readonly LfdBlock[];
}

const SHOWN_HOST = 'server';

class RunningLfd implements Lfd {
  private readonly server: CsfServer;
  private readonly errorLog: LogFollower;
  private readonly settings: Readonly<Record<string, string>>;
  private readonly hook: string;
  private readonly count: (text: string, parsedAt: number) => Block | null;
  private readonly facts: LfdFacts;
  private readonly ignored: readonly string[];
  private readonly told: LfdBlock[] = [];
  private readonly hooks = new Set<HookRun>();
  private readonly clock: Intl.DateTimeFormat;
  private timer: NodeJS.Timeout | null = null;
  private running: Promise<void> = Promise.resolve();
  private isStopped = false;

  constructor({ server, errorLog, hook, settings }: LfdOptions) {
    this.server = server;
    const conf = readConf(server.root) as Readonly<Record<string, string>>;
    this.settings = { ...conf, ...settings };
    this.hook = hook ?? this.settings.BLOCK_REPORT ?? '';
    // csf.ignore is read at the start alone.
    this.ignored = server.entries('ignore').map((entry) => checkIp(entry).text);
    const countries = server.lookups();
    this.facts = { settings: this.settings, countries, startedAt: 0, ignored: [] };
    this.count = lfdCounter(this.facts);
    this.clock = new Intl.DateTimeFormat('en-US', {
      ...{ month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit', second: '2-digit' },
      ...{ hourCycle: 'h23', timeZone: server.zone },
    });
    this.log('Daemon started on server.example.com - csf v15.10 (cpanel)');
    this.errorLog = new LogFollower(errorLog, (words) => {
      this.log(words);
    });
    this.log(`Watching ${errorLog}...`);
    this.next();
  }

  blocks(): readonly LfdBlock[] {
    return [...this.told];
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    if (this.timer !== null) clearTimeout(this.timer);
    await this.running;
    for (const { child } of this.hooks) {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      } catch {
        // It has ended.
      }
    }
    this.errorLog.close();
    this.log('Main Process: TERM');
    this.log('Daemon stopped');
  }

  private next(): void {
    if (this.isStopped) return;
    this.timer = setTimeout(() => {
      this.running = this.cycle().finally(() => {
        this.next();
      });
    }, this.cycleMs());
  }

  /** Also how many lines lfd reads in one cycle. */
  private cycleMs(): number {
    return Number(this.settings.LF_PARSE ?? '5') * 1000;
  }

  private log(words: string, pid = process.pid): void {
    const part = Object.fromEntries(
      this.clock.formatToParts(new Date()).map(({ type, value }) => [type, value]),
    );
    const time = `${part.month ?? ''} ${(part.day ?? '').padStart(2)} ${part.hour ?? ''}:${part.minute ?? ''}:${part.second ?? ''}`;
    const file = join(this.server.root, 'var/log/lfd.log');
    mkdirSync(dirname(file), { recursive: true });
    appendFileSync(file, `${time} ${SHOWN_HOST} lfd[${pid}]: ${words}\n`, {
      encoding: 'latin1',
      mode: 0o600,
    });
  }

  private async cycle(): Promise<void> {
    const limit = Number(this.settings.DENY_TEMP_IP_LIMIT ?? '100');
    for (const words of await expire(this.server.root, Math.floor(Date.now() / 1000), limit)) this.log(words);
    const parsedAt = Date.now() * 1000;
    const blocks = this.errorLog.lines(this.cycleMs()).flatMap((line) => {
      if (this.isIgnored(line)) return [];
      const block = this.count(line, parsedAt);
      return block === null ? [] : [block];
    });
    // Each is a process of its own there.
    await Promise.all(blocks.map((block) => this.block(block)));
  }

  /** Whether the line is one of an address in csf.ignore, which is told. */
  private isIgnored(line: string): boolean {
    const found = failureIn(line, this.facts);
    if (found === null) return false;
    const { address, ruleId } = found.failure;
    if (!this.ignored.some((one) => one === address || netHolds(one, address))) return false;
    const words = found.trigger.name === 'LF_MODSEC' ? `mod_security (id:${ruleId})` : found.trigger.app;
    this.log(`${words} triggered by ${address} - ignored`);
    return true;
  }

  private async block(block: Block): Promise<void> {
    const isPermanent = block.seconds === null;
    const byPorts = block.ports === '' && this.settings.LF_SELECT === '1' ? '80,443' : block.ports;
    const wanted = { ...block, ports: byPorts };
    if (isPermanent) {
      await this.blockForGood(wanted, block.trigger, this.settings[`${block.trigger}_PERM`] ?? '1');
      return;
    }
    const earlier = await this.bansBefore(block.address);
    const most = Number(this.settings.LF_PERMBLOCK_COUNT ?? '4');
    if (this.settings.LF_PERMBLOCK === '1' && earlier >= most) {
      const interval = this.settings.LF_PERMBLOCK_INTERVAL ?? '86400';
      const message = `(PERMBLOCK) ${block.shown} has had more than ${most} temp blocks in the last ${interval} secs`;
      await this.blockForGood({ ...block, message, lines: [] }, 'LF_PERMBLOCK_COUNT', '0');
      return;
    }
    await this.blockForTime(wanted);
  }

  private bansBefore(address: string): Promise<number> {
    const since = Math.floor(Date.now() / 1000) - Number(this.settings.LF_PERMBLOCK_INTERVAL ?? '86400');
    return countBans(this.server.root, address, since);
  }

  /** `trigger` as the hook hears it; the log names that of the line. */
  private async blockForGood(block: Block, trigger: string, permanence: string): Promise<void> {
    const ports = block.ports === '' ? [null] : block.ports.split(',');
    let refused = false;
    for (const port of ports) {
      const target = port === null ? block.address : `tcp|in|d=${port}|s=${block.address}`;
      const answer = await this.csf('-d', target, `lfd: ${block.message}`);
      if (answer === null || answer.words.includes('is in already in the deny file')) return;
      const failed = answer.words.split('\n').find((line) => line.includes('deny failed'));
      refused ||= failed !== undefined;
      if (failed !== undefined) this.log(`*Error*: csf output: ${failed}\n`, answer.pid);
      const place = port === null ? '' : ` port=${port}`;
      this.log(`${block.message} - *Blocked in csf*${place} [${block.trigger}]`, answer.pid);
    }
    await this.finish(block, { trigger, permanence, refused });
  }

  private async blockForTime(block: Block): Promise<void> {
    const seconds = block.seconds ?? 0;
    const isNew = await addBan(this.server.root, {
      since: Math.floor(Date.now() / 1000),
      ...{ target: block.address, ports: block.ports, way: block.ports === '' ? 'inout' : 'in', seconds },
      comment: `lfd - ${block.message}`,
    });
    if (!isNew) return;
    this.log(`${block.message} - *Blocked in csf* for ${seconds} secs [${block.trigger}]`);
    await this.finish(block, { trigger: block.trigger, permanence: String(seconds), refused: false });
  }

  /** The history, and the hook. */
  private async finish(
    block: Block,
    { trigger, permanence, refused }: { trigger: string; permanence: string; refused: boolean },
  ): Promise<void> {
    const isPermanent = block.seconds === null || trigger === 'LF_PERMBLOCK_COUNT';
    const at = Date.now();
    if (this.settings.LF_PERMBLOCK === '1' || this.settings.LF_NETBLOCK === '1')
      await remember(this.server.root, block.address, isPermanent, block.message);
    const byPorts = block.ports !== '';
    const lines = block.lines.map((line) => `${line}\n`).join('');
    const hookArguments = [
      ...[block.address, byPorts ? block.ports : '*', isPermanent ? '1' : '0', byPorts ? 'in' : 'inout'],
      ...[permanence, block.message, block.trigger === 'LF_APACHE_404' ? ' ' : lines, trigger],
    ];
    const run = this.hook === '' ? null : this.report(hookArguments);
    this.told.push({
      ...{ at, address: block.address, trigger, seconds: isPermanent ? null : block.seconds, refused },
      message: block.message,
      hookArguments: run === null ? null : hookArguments,
      hookEnd: run?.ended ?? null,
    });
  }

  private report(args: readonly string[]): HookRun {
    const run = callHook(this.hook, args, join(this.server.root, 'etc/csf'));
    this.hooks.add(run);
    void run.ended.then(({ timedOut }) => {
      if (timedOut) this.log('BLOCK_REPORT timed out after 10 seconds');
      else this.hooks.delete(run);
    });
    return run;
  }

  /** Runs csf; null while it is restarting, when lfd leaves its command out. */
  private csf(...argv: readonly string[]): Promise<{ words: string; pid: number } | null> {
    const lock = join(this.server.root, 'var/lib/csf/csf.lock');
    if (existsSync(lock) && spawnSync('/usr/bin/flock', ['-n', '-x', lock, 'true']).status !== 0) {
      this.log(
        `csf is currently restarting - command [/usr/sbin/csf ${argv.join(' ')}] skipped on line 10561`,
      );
      return Promise.resolve(null);
    }
    return new Promise((resolve) => {
      const env = { PATH: '/sbin:/bin:/usr/sbin:/usr/bin', CSF_CALLER: 'lfd' };
      const child = execFile(this.server.program, argv, { env, maxBuffer: 1e8 }, (_error, words) => {
        resolve({ words, pid: child.pid ?? 0 });
      });
    });
  }
}

/** Starts it; it reads csf.conf, csf.ignore and the look-ups now, and lines from now on. Stop it in the end. */
export function startLfd(options: LfdOptions): Promise<Lfd> {
  return Promise.resolve(new RunningLfd(options));
}

/** What lfd.log says. */
export function readLfdLog(server: CsfServer): string {
  return readFileSync(join(server.root, 'var/log/lfd.log'), 'latin1');
}
