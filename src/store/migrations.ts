// The schema as an ordered list of steps. A step is never edited after a release; new ones are appended.
import { FIREWALL_TABLES } from './firewall-schema.ts';

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
  `
  -- Successful logins of owners: for each day (of UTC), address, service and user the first and the last one.
  CREATE TABLE logins (
    address TEXT NOT NULL, day INTEGER NOT NULL, service TEXT NOT NULL, user TEXT NOT NULL,
    first_at INTEGER NOT NULL, first_file INTEGER NOT NULL, first_offset INTEGER NOT NULL,
    last_at INTEGER NOT NULL, last_file INTEGER NOT NULL, last_offset INTEGER NOT NULL,
    PRIMARY KEY (address, day, service, user)
  ) WITHOUT ROWID;
  CREATE INDEX logins_by_day ON logins (day);

  -- What DNS said, so that it is asked once.
  CREATE TABLE dns_names (address TEXT PRIMARY KEY, state TEXT NOT NULL, name TEXT, at INTEGER NOT NULL) WITHOUT ROWID;

  -- What an admin said of an address or a cause; never changed, only ended.
  CREATE TABLE marks (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL, subject TEXT NOT NULL, about TEXT NOT NULL, note TEXT NOT NULL, author TEXT NOT NULL,
    at INTEGER NOT NULL, ended_at INTEGER, ended_by TEXT
  );
  CREATE INDEX marks_by_subject ON marks (subject, about);

  -- One row a cause ever seen; its state is the admin's, its numbers are those of the last count.
  CREATE TABLE causes (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    vhost TEXT NOT NULL, rule_id TEXT NOT NULL, target TEXT NOT NULL, path TEXT NOT NULL,
    target_seen TEXT NOT NULL, path_seen TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'new',
    state_at INTEGER, state_by TEXT, state_note TEXT NOT NULL DEFAULT '',
    -- ignored: until so many ordinary visitors, who were so many then; fixed: the exclusion that covers it.
    ignore_until INTEGER, ignore_base INTEGER, fixed_by INTEGER,
    -- Counted over the window that ends at counted_at.
    counted_at INTEGER, score REAL NOT NULL DEFAULT 0,
    hits INTEGER NOT NULL DEFAULT 0, refused INTEGER NOT NULL DEFAULT 0, decisive INTEGER NOT NULL DEFAULT 0,
    shaped INTEGER NOT NULL DEFAULT 0,
    visitors INTEGER NOT NULL DEFAULT 0, ordinary INTEGER NOT NULL DEFAULT 0, networks INTEGER NOT NULL DEFAULT 0,
    hostile INTEGER NOT NULL DEFAULT 0, attack_hits INTEGER NOT NULL DEFAULT 0, false_hits INTEGER NOT NULL DEFAULT 0,
    first_at INTEGER, last_at INTEGER,
    -- How it lies among the causes of its rule on its vhost: see CauseSpread.
    two_paths REAL NOT NULL DEFAULT 0, target_share REAL NOT NULL DEFAULT 0, path_share REAL NOT NULL DEFAULT 0,
    targets INTEGER NOT NULL DEFAULT 0, paths INTEGER NOT NULL DEFAULT 0, path_targets INTEGER NOT NULL DEFAULT 0,
    -- 1: it decides nothing by itself, and another rule at the same target and path stands for it in lists.
    folded INTEGER NOT NULL DEFAULT 0,
    -- Share of the requests to its path that it flags, counted when somebody looked at its page.
    share REAL, share_at INTEGER,
    UNIQUE (vhost, rule_id, target, path)
  );
  CREATE INDEX causes_by_score ON causes (score DESC, ordinary DESC, last_at DESC)
    WHERE hits > 0 OR state = 'fixed' OR state = 'ignored';
  CREATE INDEX causes_by_state ON causes (state, score, last_at, hits)
    WHERE hits > 0 OR state = 'fixed' OR state = 'ignored';
  CREATE INDEX causes_by_rule ON causes (rule_id);
  CREATE INDEX causes_of_cell ON causes (vhost, rule_id) WHERE hits > 0;
  CREATE INDEX causes_at_place ON causes (vhost, target, path) WHERE hits > 0;

  -- One row a rule and vhost: the cells of the noise matrix. cause: the one with the highest score there.
  CREATE TABLE noise_cells (
    vhost TEXT NOT NULL, rule_id TEXT NOT NULL,
    causes INTEGER NOT NULL, visitors INTEGER NOT NULL, ordinary INTEGER NOT NULL,
    hits INTEGER NOT NULL, attack_hits INTEGER NOT NULL, false_hits INTEGER NOT NULL,
    -- whole_at: when all of its causes were counted, not only those that changed.
    cause INTEGER NOT NULL, counted_at INTEGER NOT NULL, whole_at INTEGER NOT NULL,
    PRIMARY KEY (vhost, rule_id)
  ) WITHOUT ROWID;
  CREATE INDEX noise_cells_by_count ON noise_cells (whole_at);

  -- What each incident did to each cause, with how its sender was judged; times are microseconds.
  CREATE TABLE cause_hits (
    cause INTEGER NOT NULL, client TEXT NOT NULL, incident_from INTEGER NOT NULL,
    -- The address, of IPv6 its /64: one visitor. Network: /24, /48.
    visitor TEXT NOT NULL, network TEXT NOT NULL, first_at INTEGER NOT NULL, last_at INTEGER NOT NULL,
    hits INTEGER NOT NULL, refused INTEGER NOT NULL, decisive INTEGER NOT NULL, shaped INTEGER NOT NULL,
    label TEXT NOT NULL,
    -- 2: ordinary in every sense; 1: ordinary but for code saved without a login (counts for the rule, proves nobody).
    ordinary INTEGER NOT NULL,
    -- 1: asked for probe paths, named a tool or sent a hostile text.
    hostile INTEGER NOT NULL,
    PRIMARY KEY (cause, client, incident_from)
  ) WITHOUT ROWID;
  CREATE INDEX cause_hits_by_incident ON cause_hits (client, incident_from);
  CREATE INDEX cause_hits_by_time ON cause_hits (last_at);
  CREATE TABLE dirty_causes (cause INTEGER PRIMARY KEY);

  -- Values that a rule reacted to and nothing explained, by their shape: for "others send such values too".
  CREATE TABLE value_shapes (
    vhost TEXT NOT NULL, rule_id TEXT NOT NULL, target TEXT NOT NULL, shape TEXT NOT NULL,
    client TEXT NOT NULL, incident_from INTEGER NOT NULL,
    network TEXT NOT NULL, last_at INTEGER NOT NULL, ordinary INTEGER NOT NULL, hostile INTEGER NOT NULL,
    PRIMARY KEY (vhost, rule_id, target, shape, client, incident_from)
  ) WITHOUT ROWID;
  CREATE INDEX value_shapes_by_incident ON value_shapes (client, incident_from);

  -- Requests alike from many addresses: method, path with values left out, rules; hashed.
  CREATE TABLE fingerprints (
    print TEXT NOT NULL, account TEXT NOT NULL, client TEXT NOT NULL, incident_from INTEGER NOT NULL,
    visitor TEXT NOT NULL, last_at INTEGER NOT NULL,
    PRIMARY KEY (print, account, client, incident_from)
  ) WITHOUT ROWID;
  CREATE INDEX fingerprints_by_incident ON fingerprints (client, incident_from);
  CREATE INDEX fingerprints_by_time ON fingerprints (last_at);

  -- Errors of the engine itself are few, and asked for on every page of causes. Rules 200002-200005 report some.
  CREATE INDEX transactions_with_errors ON transactions (at)
    WHERE engine_errors <> '[]' OR instr(rule_ids, '20000') > 0;
  CREATE INDEX incidents_not_judged ON incidents (judged_stamp) WHERE judged_stamp IS NULL;
  CREATE INDEX activity_of_causes ON activity (detail) WHERE act = 'cause';

  -- The parts of an address's incident that belong to different programs, and what the judgement rested on.
  CREATE INDEX incidents_by_label ON incidents (to_at, coalesce(json_extract(verdict, '$.label'), 'unclear'));
  ALTER TABLE incidents ADD COLUMN actors TEXT;
  ALTER TABLE incidents ADD COLUMN sources TEXT;
  `,
  `
  -- Folders of single audit records: up to which minute each user's was read.
  CREATE TABLE audit_minutes (
    folder TEXT NOT NULL, user TEXT NOT NULL, minute TEXT NOT NULL, PRIMARY KEY (folder, user)
  ) WITHOUT ROWID;
  -- Every such record is a file of its own: 100,000 rows and more, found again by their heads alone.
  CREATE INDEX files_by_fingerprint ON files (fingerprint);
  CREATE INDEX files_by_path ON files (path) WHERE kind <> 'audit_file';

  -- Incidents that retention has taken out of the list, while what hangs on them goes piece by piece.
  CREATE TABLE fading (
    client TEXT NOT NULL, from_at INTEGER NOT NULL, to_at INTEGER NOT NULL, PRIMARY KEY (client, from_at)
  ) WITHOUT ROWID;
  -- Since when no transaction names the text (milliseconds); whoever uses it again clears it.
  ALTER TABLE hit_texts ADD COLUMN unused_since INTEGER;

  -- What the bytes before a cursor, and the first lines, are known by; archives that were read as far as they are good.
  ALTER TABLE files ADD COLUMN tail TEXT;
  ALTER TABLE files ADD COLUMN line_heads TEXT NOT NULL DEFAULT '';
  CREATE TABLE archives (
    path TEXT PRIMARY KEY, stamp TEXT NOT NULL, problem TEXT,
    packed_at INTEGER NOT NULL DEFAULT 0, packed_tail TEXT
  ) WITHOUT ROWID;
  INSERT OR IGNORE INTO archives (path, stamp) SELECT path, done FROM files WHERE done IS NOT NULL;
  ALTER TABLE files DROP COLUMN done;
  `,
  `
  -- The inbox counts and cuts by label: those of one label stand together, in order of time.
  DROP INDEX incidents_by_label;
  CREATE INDEX incidents_by_label ON incidents (coalesce(json_extract(verdict, '$.label'), 'unclear'), to_at);
  `,
  FIREWALL_TABLES,
];
