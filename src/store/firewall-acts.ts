// The ledger of acts on the firewall: written down before csf is started, closed when csf's files were looked at.
import type {
  CsfCommand,
  FirewallAct,
  FirewallActKind,
  FirewallActState,
  FirewallStep,
  NewFirewallAct,
} from '../model-firewall.ts';
import { type Db, prepared } from './database.ts';

interface Row {
  readonly id: number;
  readonly at: number;
  readonly who: string;
  readonly act: FirewallActKind;
  readonly target: string;
  readonly reason: string;
  readonly client: string | null;
  readonly incident_from: number | null;
  readonly commands: string;
  readonly state: FirewallActState;
  readonly steps: string;
  readonly sentence: string | null;
}

/** Reads and writes the ledger; writes happen inside `Store.writeDurably`. */
export class FirewallActTable {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  /** Writes down what is about to be done; gives its number. */
  begin(act: NewFirewallAct): number {
    const { incident } = act;
    const done = prepared(
      this.#db,
      `INSERT INTO firewall_acts (at, who, act, target, reason, client, incident_from, commands, state, steps)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'running', '[]')`,
    ).run(
      Math.round(act.at),
      act.who,
      act.act,
      act.target,
      act.reason,
      incident?.client ?? null,
      incident === null ? null : Math.round(incident.from * 1000),
      JSON.stringify(act.commands),
    );
    return Number(done.lastInsertRowid);
  }

  /** Says how far it is. */
  progress(id: number, steps: readonly FirewallStep[]): void {
    prepared(this.#db, 'UPDATE firewall_acts SET steps = ? WHERE id = ?').run(JSON.stringify(steps), id);
  }

  /** Closes it. */
  finish(
    id: number,
    end: {
      readonly state: Exclude<FirewallActState, 'running'>;
      readonly steps: readonly FirewallStep[];
      readonly sentence: string;
    },
  ): void {
    prepared(this.#db, 'UPDATE firewall_acts SET state = ?, steps = ?, sentence = ? WHERE id = ?').run(
      end.state,
      JSON.stringify(end.steps),
      end.sentence,
      id,
    );
  }

  byId(id: number): FirewallAct | null {
    const row = prepared<[number], Row>(this.#db, 'SELECT * FROM firewall_acts WHERE id = ?').get(id);
    return row === undefined ? null : toAct(row);
  }

  /** Those whose end is not known: of a process that runs now, or of one that was killed. Oldest first. */
  running(): FirewallAct[] {
    return prepared<[], Row>(this.#db, "SELECT * FROM firewall_acts WHERE state = 'running' ORDER BY id")
      .all()
      .map(toAct);
  }

  /** The newest first, at most `limit`, of one target or of all (null). */
  newest(limit: number, target: string | null = null): FirewallAct[] {
    const where = target === null ? '' : 'WHERE target = :target';
    const sql = `SELECT * FROM firewall_acts ${where} ORDER BY id DESC LIMIT :limit`;
    const named = target === null ? { limit } : { limit, target };
    return prepared<[Record<string, string | number>], Row>(this.#db, sql).all(named).map(toAct);
  }
}

function toAct(row: Row): FirewallAct {
  const { client, incident_from: from } = row;
  return {
    id: row.id,
    at: row.at,
    who: row.who,
    act: row.act,
    target: row.target,
    reason: row.reason,
    incident: client === null || from === null ? null : { client, from: from / 1000 },
    commands: JSON.parse(row.commands) as CsfCommand[],
    state: row.state,
    steps: JSON.parse(row.steps) as FirewallStep[],
    sentence: row.sentence,
  };
}
