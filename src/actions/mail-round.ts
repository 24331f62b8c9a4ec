// The round of the mails, beside the reading of logs: decides about blocks that are new or held, writes their mails into the outbox
// and has them sent. A decision and its mail are one commit. Of the processes on one database one does this: it holds a lock.
import type { EpochMs } from '../model.ts';
import type { Context } from './context.ts';
import type { Desk } from './desk.ts';
import { openDesk } from './explain.ts';
import { heldRound } from './mail-held.ts';
import { decideWaiting, type MailRound, type MailTools } from './mail-decide.ts';
import { sendDue } from './mail-outbox.ts';
import type { MailSettings } from './mail-settings.ts';
import { keepSetup, keptSetup } from './mail-words.ts';
import type { Fresh } from './refresh.ts';

const HOUR_MS = 3_600_000;
const AT_ONCE = 100;
/** How often held blocks are looked at. */
const HELD_EVERY_MS = 5000;
const LOCK_EVERY_MS = 10_000;
/** After nobody answered. */
const PAUSE_MS = 60_000;
const KEPT_MS = 90 * 24 * HOUR_MS;
/** A mail shows this many requests at most; alike ones are one line. */
const MOST_REQUESTS = 60;

export interface MailAround {
  readonly load: (ctx: Context, settings: MailSettings) => Promise<MailTools>;
  readonly now: () => EpochMs;
  /** Told what stopped the sending. */
  readonly complain: (error: unknown) => void;
}

/** The mails of one process. */
export class MailDesk {
  readonly #around: MailAround;
  #tools: Promise<MailTools> | null = null;
  #release: (() => void) | null = null;
  #askedLock = -Infinity;
  #heldAt = -Infinity;
  #tidied = -Infinity;
  #ctx: Context | null = null;
  #sending: Promise<void> | null = null;
  #pausedAt = -Infinity;
  /** A mail may be kept as being sent that nobody sends. */
  #mayBeLeft = true;
  #isStopping = false;

  constructor(around: MailAround) {
    this.#around = around;
  }

  /**
   * Does what is due: a bounded piece of work. Sending goes on behind it. Throws what the database reports; nothing is lost
   * then, the next round does it again.
   */
  async round(ctx: Context, fresh: Fresh): Promise<void> {
    this.#ctx = ctx;
    const { mail: settings } = ctx;
    const now = ctx.fixedNow ?? this.#around.now();
    if (settings === null) {
      await this.#letGo(ctx, now);
      return;
    }
    if (this.#isStopping || !(await this.#holdsLock(ctx, now))) return;
    const { to, from, policy, daily, digestAt, quiet, perHour } = settings;
    const via = viaOf(ctx, settings);
    const since = keepSetup(ctx.store, { to, from, policy, daily, digestAt, quiet, perHour, via }, now);
    let desk: Promise<Desk> | null = null;
    const work: MailRound = {
      ctx,
      settings,
      now,
      since,
      desk: () => (desk ??= openDesk(ctx, fresh, { most: MOST_REQUESTS, raw: false })),
      tools: () => this.#load(ctx, settings),
    };
    if (hasPassed(HELD_EVERY_MS, this.#heldAt, now)) {
      await heldRound(work, fresh);
      this.#heldAt = now;
    }
    await decideWaiting(work, fresh);
    this.#tidy(ctx, now);
    this.#send(ctx, settings, now);
  }

  /** Begins nothing more; resolves when the mail that is on its way has left, or has failed to. */
  async end(): Promise<void> {
    this.#isStopping = true;
    await this.idle();
    this.#release?.();
    this.#release = null;
  }

  /** Resolves when nothing is being sent. */
  async idle(): Promise<void> {
    await this.#sending;
  }

  #load(ctx: Context, settings: MailSettings): Promise<MailTools> {
    // What could not be loaded is tried again.
    this.#tools ??= this.#around.load(ctx, settings).catch((error: unknown) => {
      this.#tools = null;
      throw error;
    });
    return this.#tools;
  }

  /** No mails are set: what waits is let go, unless another process sends mails from this database. */
  async #letGo(ctx: Context, now: EpochMs): Promise<void> {
    const { notices } = ctx.store.firewall;
    const waiting = notices.open('waiting', AT_ONCE);
    const held = waiting.length === AT_ONCE ? [] : notices.held(AT_ONCE);
    const isNothing = waiting.length + held.length === 0 && keptSetup(ctx.store) === null;
    if (isNothing || !(await this.#holdsLock(ctx, now))) return;
    keepSetup(ctx.store, null, now);
    ctx.store.write(() => {
      for (const { id } of [...waiting, ...held]) notices.decide(id, 'skipped', 'No mails are set up.');
    });
    this.#release?.();
    this.#release = null;
    this.#askedLock = -Infinity;
  }

  async #holdsLock(ctx: Context, now: EpochMs): Promise<boolean> {
    if (this.#release !== null) return true;
    if (!hasPassed(LOCK_EVERY_MS, this.#askedLock, now)) return false;
    this.#askedLock = now;
    this.#release = await ctx.host.mailer.lock(ctx.stateDir);
    return this.#release !== null;
  }

  #tidy({ store }: Context, now: EpochMs): void {
    if (!hasPassed(HOUR_MS, this.#tidied, now)) return;
    this.#tidied = now;
    store.write(() => {
      store.firewall.mails.forget(now - KEPT_MS);
      store.firewall.notices.forget(now - KEPT_MS);
    });
  }

  /** Starts the sending where there is something to send and nothing is sent. */
  #send(ctx: Context, settings: MailSettings, now: EpochMs): void {
    if (this.#sending !== null || this.#isStopping) return;
    const { mails } = ctx.store.firewall;
    if (this.#mayBeLeft) {
      if (mails.inState('sending', 1).length > 0) ctx.store.write(() => mails.markUnknown(now));
      this.#mayBeLeft = false;
    }
    if (!hasPassed(PAUSE_MS, this.#pausedAt, now) || mails.next(now) === null) return;
    this.#sending = this.#sendAll(ctx, settings)
      .catch((error: unknown) => {
        this.#mayBeLeft = true;
        this.#around.complain(error);
      })
      .finally(() => {
        this.#sending = null;
      });
  }

  async #sendAll(ctx: Context, settings: MailSettings): Promise<void> {
    const { transport } = await this.#load(ctx, settings);
    const now = (): EpochMs => ctx.fixedNow ?? this.#around.now();
    const isOpen = await sendDue({
      // The database may be made anew meanwhile.
      store: () => (this.#ctx ?? ctx).store,
      transport,
      now,
      isStopping: () => this.#isStopping,
    });
    if (!isOpen) this.#pausedAt = now();
  }
}

/** Whether so much time has passed; true also where the clock was set back. */
function hasPassed(ms: number, since: EpochMs, now: EpochMs): boolean {
  return Math.abs(now - since) >= ms;
}

function viaOf({ host }: Context, { smtp }: MailSettings): string {
  return smtp === null ? host.mailer.argv.join(' ') : `${smtp.host}:${smtp.port}`;
}
