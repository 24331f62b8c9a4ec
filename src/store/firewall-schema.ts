// The tables of acts on the firewall, of blocks that somebody is told about, and of mails: a step of the migrations.

/** SQL of the step. */
export const FIREWALL_TABLES = `
  -- Acts on the firewall: written before the first command, closed when csf's files were looked at.
  CREATE TABLE firewall_acts (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL, who TEXT NOT NULL, act TEXT NOT NULL, target TEXT NOT NULL, reason TEXT NOT NULL,
    client TEXT, incident_from INTEGER,
    commands TEXT NOT NULL, state TEXT NOT NULL, steps TEXT NOT NULL, sentence TEXT
  );
  CREATE INDEX firewall_acts_running ON firewall_acts (id) WHERE state = 'running';
  CREATE INDEX firewall_acts_by_target ON firewall_acts (target, id);

  -- Blocks that somebody may be told about, each once, wherever it was heard of.
  CREATE TABLE notices (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    address TEXT, at INTEGER NOT NULL, trigger TEXT, permanent INTEGER, seconds INTEGER, ports TEXT,
    message TEXT NOT NULL, lines TEXT, sources TEXT NOT NULL, state TEXT NOT NULL, why TEXT
  );
  CREATE INDEX notices_by_address ON notices (address, at);
  CREATE INDEX notices_by_time ON notices (at);
  CREATE INDEX notices_open ON notices (id) WHERE state IN ('waiting', 'held');

  -- Mails on their way. The bytes are made once; state 'sending' is written before the last of them leaves.
  CREATE TABLE mails (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, made_at INTEGER NOT NULL, due_at INTEGER NOT NULL,
    sender TEXT NOT NULL, recipients TEXT NOT NULL, subject TEXT NOT NULL, raw BLOB,
    state TEXT NOT NULL, tries INTEGER NOT NULL DEFAULT 0, problem TEXT, ended_at INTEGER
  );
  CREATE INDEX mails_waiting ON mails (due_at) WHERE state IN ('waiting', 'sending');
  CREATE INDEX mails_by_time ON mails (made_at);
  `;
