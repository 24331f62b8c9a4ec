// The schema as an ordered list of steps. A step is never edited after a release; new ones are appended.

/** SQL of step N is MIGRATIONS[N-1]; `user_version` of the database is the number of steps applied. */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

  -- One row a log file ever read; the fingerprint of its first bytes (up to 1 KiB) names it through rotation and gz.
  -- The bytes themselves are not kept: they are log lines and may hold secrets.
  CREATE TABLE files (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    path TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    head_length INTEGER NOT NULL,
    cursor INTEGER NOT NULL DEFAULT 0,
    -- Size and time of an archive that was read to its end.
    done TEXT,
    first_at INTEGER,
    last_at INTEGER,
    lines INTEGER NOT NULL DEFAULT 0,
    refused INTEGER NOT NULL DEFAULT 0
  );
  CREATE INDEX files_by_kind ON files (kind);

  -- Lines that were not understood, a few a file.
  CREATE TABLE bad_lines (
    file INTEGER NOT NULL, offset INTEGER NOT NULL, text TEXT NOT NULL, PRIMARY KEY (file, offset)
  ) WITHOUT ROWID;

  -- What every hit of a rule has in common (operator, message, file, tags): written once, named by number.
  CREATE TABLE hit_texts (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);

  -- Times are microseconds since 1970 UTC. The JSON columns hold what codec.ts writes.
  CREATE TABLE transactions (
    id INTEGER PRIMARY KEY,
    unique_id TEXT NOT NULL UNIQUE,
    at INTEGER NOT NULL,
    client TEXT NOT NULL,
    vhost TEXT,
    path TEXT,
    -- Rule ids with at least one hit, sorted, joined by blanks; empty for audit records without a message.
    rule_ids TEXT NOT NULL,
    denied INTEGER NOT NULL,
    error_hits TEXT NOT NULL,
    audit_hits TEXT,
    request TEXT,
    findings TEXT NOT NULL,
    engine_errors TEXT NOT NULL,
    audit_file INTEGER,
    audit_offset INTEGER,
    ambiguous INTEGER NOT NULL
  );
  CREATE INDEX transactions_by_client ON transactions (client, at);
  CREATE INDEX transactions_by_time ON transactions (at);

  -- Lines that can be read in two ways, kept until an audit record decides.
  CREATE TABLE ambiguous_lines (
    file INTEGER NOT NULL, offset INTEGER NOT NULL, entry TEXT NOT NULL, PRIMARY KEY (file, offset)
  ) WITHOUT ROWID;

  CREATE TABLE lfd_events (
    file INTEGER NOT NULL, offset INTEGER NOT NULL, at INTEGER NOT NULL, address TEXT, event TEXT NOT NULL,
    PRIMARY KEY (file, offset)
  ) WITHOUT ROWID;
  CREATE INDEX lfd_events_by_address ON lfd_events (address, at);
  CREATE INDEX lfd_events_by_time ON lfd_events (at);

  -- One row an incident: its shape, and what was judged while its logs were there.
  CREATE TABLE incidents (
    id INTEGER PRIMARY KEY,
    client TEXT NOT NULL,
    from_at INTEGER NOT NULL,
    to_at INTEGER NOT NULL,
    requests INTEGER NOT NULL,
    denied INTEGER NOT NULL,
    vhosts TEXT NOT NULL,
    rule_ids TEXT NOT NULL,
    judged_stamp TEXT,
    -- The long texts stand last: a look for incidents to judge must not read through them.
    what TEXT NOT NULL DEFAULT '',
    verdict TEXT,
    evidence TEXT,
    context TEXT,
    UNIQUE (client, from_at)
  );
  CREATE INDEX incidents_by_time ON incidents (to_at);

  -- Addresses whose transactions were written and whose incidents must be regrouped.
  CREATE TABLE dirty_clients (client TEXT PRIMARY KEY, from_at INTEGER NOT NULL) WITHOUT ROWID;

  CREATE TABLE activity (
    id INTEGER PRIMARY KEY, at INTEGER NOT NULL, who TEXT NOT NULL, address TEXT,
    act TEXT NOT NULL, detail TEXT NOT NULL, result TEXT NOT NULL
  );
  `,
  `
  -- Searches kept under a name; the query is JSON of its fields.
  CREATE TABLE saved_searches (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, query TEXT NOT NULL, who TEXT NOT NULL, at INTEGER NOT NULL
  );
  `,
  `
  -- Numbers are never used twice: the ids of written rules come from them.
  CREATE TABLE exclusions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    vhost TEXT NOT NULL,
    account TEXT NOT NULL,
    -- JSON of the scope's other fields.
    scope TEXT NOT NULL,
    form TEXT NOT NULL,
    reason TEXT NOT NULL,
    author TEXT NOT NULL,
    -- Times of this table and of changes are milliseconds since 1970 UTC.
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    state TEXT NOT NULL,
    ended_at INTEGER,
    uses INTEGER,
    last_use_at INTEGER,
    uses_until INTEGER
  );
  CREATE INDEX exclusions_by_vhost ON exclusions (state, vhost);

  CREATE TABLE changes (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    who TEXT NOT NULL,
    act TEXT NOT NULL,
    reason TEXT NOT NULL,
    vhosts TEXT NOT NULL,
    effect TEXT NOT NULL,
    state TEXT NOT NULL,
    steps TEXT NOT NULL
  );
  CREATE INDEX changes_running ON changes (id) WHERE state = 'running';

  -- Whole bytes (latin1), so that a change can be undone without its file. A rowid table: rows are long.
  CREATE TABLE change_files (
    change INTEGER NOT NULL, position INTEGER NOT NULL, path TEXT NOT NULL, before TEXT, after TEXT NOT NULL,
    PRIMARY KEY (change, position)
  );

  CREATE TABLE written_files (path TEXT PRIMARY KEY, vhost TEXT NOT NULL, text TEXT NOT NULL, kept TEXT);
  `,
  `
  -- What went to a vhost in a time: previews and counts ask for nothing else.
  CREATE INDEX transactions_by_vhost ON transactions (vhost, at);
  `,
];
