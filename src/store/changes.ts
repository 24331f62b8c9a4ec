// The ledger of changes to the server's files: written before the first byte changes, closed when all is verified.
import type { EpochMs } from '../model.ts';
import { type Db, prepared } from './database.ts';

export type ChangeAct = 'apply' | 'revert' | 'expire' | 'edit' | 'adopt';

/** `running` until it is known how it ended; `failed`: the old bytes could not be brought back. */
export type ChangeState = 'running' | 'done' | 'rolled-back' | 'failed';

export interface ChangeStep {
  readonly name: string;
  readonly ok: boolean;
  readonly text: string;
  readonly ms: number;
}

/** One file of a change; null: the file was not there. */
export interface ChangedFile {
  /** The server's own path. */
  readonly path: string;
  readonly before: string | null;
  readonly after: string;
}

/** What the database says once the files are in force. */
export interface ChangeEffect {
  /** Numbers of pending exclusions that become active. */
  readonly add: readonly number[];
  readonly end: readonly { readonly id: number; readonly state: 'expired' | 'reverted' }[];
  readonly edit: readonly {
    readonly id: number;
    readonly reason: string;
    readonly expiresAt: EpochMs | null;
  }[];
}

export interface NewChange {
  readonly at: EpochMs;
  readonly who: string;
  readonly act: ChangeAct;
  readonly reason: string;
  readonly vhosts: readonly string[];
  readonly effect: ChangeEffect;
  readonly files: readonly ChangedFile[];
}

export interface Change extends NewChange {
  readonly id: number;
  readonly state: ChangeState;
  readonly steps: readonly ChangeStep[];
}

interface Row {
  readonly id: number;
  readonly at: number;
  readonly who: string;
  readonly act: ChangeAct;
  readonly reason: string;
  readonly vhosts: string;
  readonly effect: string;
  readonly state: ChangeState;
  readonly steps: string;
}

/** Reads and writes the ledger; writes happen inside `Store.write`. */
export class ChangeTable {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  /** Writes down what is about to be done; gives its number. */
  begin(change: NewChange): number {
    const done = prepared(
      this.#db,
      `INSERT INTO changes (at, who, act, reason, vhosts, effect, state, steps)
       VALUES (?, ?, ?, ?, ?, ?, 'running', '[]')`,
    ).run(
      Math.round(change.at),
      change.who,
      change.act,
      change.reason,
      JSON.stringify(change.vhosts),
      JSON.stringify(change.effect),
    );
    const id = Number(done.lastInsertRowid);
    const insert = prepared(
      this.#db,
      'INSERT INTO change_files (change, position, path, before, after) VALUES (?, ?, ?, ?, ?)',
    );
    for (const [position, { path, before, after }] of change.files.entries())
      insert.run(id, position, path, before, after);
    return id;
  }

  /** Says how far it is. */
  progress(id: number, steps: readonly ChangeStep[]): void {
    prepared(this.#db, 'UPDATE changes SET steps = ? WHERE id = ?').run(JSON.stringify(steps), id);
  }

  /** Closes it. */
  finish(id: number, state: Exclude<ChangeState, 'running'>, steps: readonly ChangeStep[]): void {
    prepared(this.#db, 'UPDATE changes SET state = ?, steps = ? WHERE id = ?').run(
      state,
      JSON.stringify(steps),
      id,
    );
  }

  byId(id: number): Change | null {
    const row = prepared<[number], Row>(this.#db, 'SELECT * FROM changes WHERE id = ?').get(id);
    return row === undefined ? null : this.#toChange(row);
  }

  /** Those whose end is not known: of a process that runs now, or of one that was killed. Oldest first. */
  running(): Change[] {
    return prepared<[], Row>(this.#db, "SELECT * FROM changes WHERE state = 'running' ORDER BY id")
      .all()
      .map((row) => this.#toChange(row));
  }

  /** The newest first, at most `limit`, without their files' bytes. */
  newest(limit: number): Change[] {
    return prepared<[number], Row>(this.#db, 'SELECT * FROM changes ORDER BY id DESC LIMIT ?')
      .all(limit)
      .map((row) => toChange(row, []));
  }

  #toChange(row: Row): Change {
    const files = prepared<[number], ChangedFile>(
      this.#db,
      'SELECT path, before, after FROM change_files WHERE change = ? ORDER BY position',
    ).all(row.id);
    return toChange(row, files);
  }
}

function toChange(row: Row, files: readonly ChangedFile[]): Change {
  return {
    ...row,
    vhosts: JSON.parse(row.vhosts) as string[],
    effect: JSON.parse(row.effect) as ChangeEffect,
    steps: JSON.parse(row.steps) as ChangeStep[],
    files,
  };
}
