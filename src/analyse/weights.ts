// All weights of the verdict, in one table: natural-log odds "hostile : legitimate", their groups and limits.

/** hostile: makes an attack possible; hostile_weak: adds, but not by itself; auto: a program; good; neutral. */
type ItemKind = 'hostile' | 'hostile_weak' | 'auto' | 'good' | 'neutral';

export type EvidenceGroup =
  'PACE' | 'REACH' | 'CLIENT' | 'PAYLOAD' | 'HUMAN' | 'CROSS' | 'ORIGIN' | 'HISTORY';

export interface Item {
  readonly group: EvidenceGroup;
  readonly weight: number;
  readonly kind: ItemKind;
  /** Present: never a false alarm. */
  readonly veto?: true;
  /** A false alarm needs at least one of these: what a client cannot forge. */
  readonly unlock?: true;
}

/** The sum before any evidence. */
export const PRIOR = 0;

/** Where the bands begin. */
export const THRESHOLDS = {
  attack: 3,
  attackStrong: 6,
  falsePositive: -2.5,
  falsePositiveStrong: -5,
} as const;

/** Without a hostile item, what shows a program adds at most this. */
export const AUTOMATION_CAP = 2.5;

/** Clients that are expected to be programs: with one of these, what shows a program does not count. */
export const KNOWN_CLIENTS: ReadonlySet<string> = new Set(['C7', 'C8']);

/** With one of these, the soft groups together lower the sum by `STRONG_FLOOR` at most. */
export const STRONG_ITEMS: ReadonlySet<string> = new Set(['R1b', 'C1', 'Y1b']);
export const STRONG_FLOOR = -1;
export const SOFT_GROUPS: readonly EvidenceGroup[] = ['HUMAN', 'CROSS'];

/** Least and most that a group may add: its items are correlated and must not count twice. */
export const GROUP_CAPS: Readonly<Record<EvidenceGroup, readonly [number, number]>> = {
  PACE: [0, 3],
  REACH: [0, 5],
  CLIENT: [-3, 4],
  PAYLOAD: [-2.5, 4.5],
  HUMAN: [-4, 1.5],
  CROSS: [-4, 3],
  ORIGIN: [-3, 1.5],
  HISTORY: [0, 2],
};

export const ITEMS: Readonly<Record<string, Item>> = {
  // 5-9 separate flagged requests inside 2 s
  P1: { group: 'PACE', weight: 2, kind: 'auto' },
  // >=10 separate flagged requests inside 2 s
  P1b: { group: 'PACE', weight: 3, kind: 'auto' },
  // even spacing: n>=8, cv of gaps <0.15
  P2: { group: 'PACE', weight: 1, kind: 'auto' },
  // 1-2 distinct probe paths (hard list, or back-up names at the root)
  R1: { group: 'REACH', weight: 3, kind: 'hostile', veto: true },
  // >=3 distinct probe paths
  R1b: { group: 'REACH', weight: 4, kind: 'hostile', veto: true },
  // >=10 distinct path templates answered 400/403/404 in 100 s, assets not counted
  R2: { group: 'REACH', weight: 2, kind: 'hostile' },
  // 2 cPanel accounts hit in 10 min (weak: one agency looks the same)
  R3: { group: 'REACH', weight: 1, kind: 'hostile_weak' },
  // >=3 cPanel accounts hit in 10 min
  R3b: { group: 'REACH', weight: 2.5, kind: 'hostile' },
  // numeric or missing Host on >=80% of flagged requests (weak: health checks do it)
  R4: { group: 'REACH', weight: 1.5, kind: 'hostile_weak' },
  // server's own hostname or default site, and >=5 flagged in 2 s or >=2 paths; service names (webmail., mail., www. ...) of a known domain are not the bare server
  R5: { group: 'REACH', weight: 1.5, kind: 'hostile' },
  // >=6 login POSTs in 60 s that did not log in
  R7: { group: 'REACH', weight: 3.5, kind: 'hostile' },
  // >=20 failed login POSTs in 24 h
  R7b: { group: 'REACH', weight: 2, kind: 'hostile' },
  // >=3 user-enumeration requests (author=N, /wp/v2/users)
  R8: { group: 'REACH', weight: 2, kind: 'hostile' },
  // named attack tool in User-Agent or rule 913100
  C1: { group: 'CLIENT', weight: 4, kind: 'hostile', veto: true },
  // script-library User-Agent
  C2: { group: 'CLIENT', weight: 0.7, kind: 'auto' },
  // no User-Agent on >=50%
  C3: { group: 'CLIENT', weight: 1, kind: 'auto' },
  // browser User-Agent without Accept-Language (audit log)
  C4: { group: 'CLIENT', weight: 1.5, kind: 'auto' },
  // >=4 User-Agents on one path family within 60 s
  C5: { group: 'CLIENT', weight: 1.5, kind: 'auto' },
  // known crawler confirmed by forward-confirmed reverse DNS
  C7: { group: 'CLIENT', weight: -3, kind: 'good', unlock: true },
  // claims to be a known crawler, reverse DNS disagrees
  C7x: { group: 'CLIENT', weight: 3, kind: 'hostile' },
  // client the admin has marked as known
  C8: { group: 'CLIENT', weight: -3, kind: 'good', unlock: true },
  // exploit grammar in 1-2 values (classes break and active anywhere; mention outside prose)
  Y1: { group: 'PAYLOAD', weight: 2, kind: 'hostile', veto: true },
  // exploit grammar in >=3 different values
  Y1b: { group: 'PAYLOAD', weight: 4, kind: 'hostile', veto: true },
  // code in a field whose job is such text (post, product, SQL window), login not proved
  Y1c: { group: 'PAYLOAD', weight: 1, kind: 'hostile_weak', veto: true },
  // an attack rule reacted to a value that nothing innocent explains
  Y6: { group: 'PAYLOAD', weight: 0, kind: 'neutral', veto: true },
  // >=3 grammar families over >=2 (path, field) pairs
  Y2: { group: 'PAYLOAD', weight: 2, kind: 'hostile' },
  // one field with >=5 different values, at least one with grammar
  Y3: { group: 'PAYLOAD', weight: 2.5, kind: 'hostile' },
  // flagged value is long site content (HTML/JSON) in a content field
  Y4: { group: 'PAYLOAD', weight: -1.5, kind: 'good' },
  // flagged target is a tracking or consent cookie/parameter
  Y5: { group: 'PAYLOAD', weight: -2, kind: 'good' },
  // only outbound rules (95xxxx) fired
  Y7: { group: 'PAYLOAD', weight: -2.5, kind: 'good', unlock: true },
  // normal browsing around the block on the same site
  H1: { group: 'HUMAN', weight: -2.5, kind: 'good', unlock: true },
  // proved login: login POST 302 then admin pages 200
  H2: { group: 'HUMAN', weight: -2, kind: 'good', unlock: true },
  // login cookie name present (not proof)
  H2c: { group: 'HUMAN', weight: -0.7, kind: 'good' },
  // own-site referer
  H3: { group: 'HUMAN', weight: -0.3, kind: 'good' },
  // loads page assets
  H4: { group: 'HUMAN', weight: -1, kind: 'good' },
  // >=4 pages, no asset ever loaded
  H4x: { group: 'HUMAN', weight: 1.5, kind: 'auto' },
  // same-origin fetch metadata consistent with the browser named
  H5: { group: 'HUMAN', weight: -1, kind: 'good' },
  // 3-4 unrelated ordinary visitors hit the same vhost+rule+target
  X1: { group: 'CROSS', weight: -2, kind: 'good', unlock: true },
  // >=5 unrelated ordinary visitors hit the same vhost+rule+target
  X1b: { group: 'CROSS', weight: -3.5, kind: 'good', unlock: true },
  // identical request sent by >=3 IPs to >=3 unrelated accounts in 24 h
  X2: { group: 'CROSS', weight: 2.5, kind: 'hostile' },
  // documented false-positive pair (rule, target, application)
  X3: { group: 'CROSS', weight: -1, kind: 'good' },
  // reverse DNS reads like rented server
  O2h: { group: 'ORIGIN', weight: 0.5, kind: 'hostile_weak' },
  // reverse DNS reads like consumer/mobile pool
  O2c: { group: 'ORIGIN', weight: -0.5, kind: 'good' },
  // same IP logged in successfully to mail, FTP or cPanel of this account in 7 days
  O4: { group: 'ORIGIN', weight: -2.5, kind: 'good', unlock: true },
  // lfd caught it on another service (sshd, distributed attack) in 30 days
  L1: { group: 'HISTORY', weight: 2, kind: 'hostile_weak' },
  // address is in a loaded CSF block list
  L3: { group: 'HISTORY', weight: 1.5, kind: 'hostile_weak' },
};
