// How long and how much is kept.
const DAY_MS = 86_400_000;
const MIB = 1024 * 1024;

/** What --config says; `null` switches a limit off. */
export interface RetentionSettings {
  readonly days?: number | null | undefined;
  readonly megabytes?: number | null | undefined;
}

/** The limits in force; null: none. */
export interface RetentionLimits {
  readonly ageMs: number | null;
  readonly bytes: number | null;
}

/**
 * 90 days: who complains about a block does so within weeks, and causes look back 14 days. 2048 MiB: a million transactions
 * and more, and no trouble for the smallest disk that cPanel runs on (40 GB).
 */
const USUAL = { days: 90, megabytes: 2048 } as const;

/** A copied server may be of any age and is looked at for its past: only what is set holds there. */
export function retentionLimits(settings: RetentionSettings, isLive: boolean): RetentionLimits {
  const usual = isLive ? USUAL : { days: null, megabytes: null };
  const { days = usual.days, megabytes = usual.megabytes } = settings;
  return {
    ageMs: days === null ? null : days * DAY_MS,
    bytes: megabytes === null ? null : megabytes * MIB,
  };
}
