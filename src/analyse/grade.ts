// How much the logs can prove about an incident.

/** A: error log, audit log and access log; B: no audit log; C: no access log; D: mail or csf.deny only. */
export type Grade = 'A' | 'B' | 'C' | 'D';

export interface SourcesAtHand {
  readonly errorLog: boolean;
  readonly auditLog: boolean;
  readonly accessLog: boolean;
  readonly mailOnly: boolean;
  /** True when the error log does reach the time, and still only the mail tells of these requests. */
  readonly logsCover?: boolean;
}

/** The grade of the sources that cover an incident. An audit log alone tells what the error log would. */
export function gradeOf(has: SourcesAtHand): Grade {
  if (has.mailOnly || (!has.errorLog && !has.auditLog)) return 'D';
  if (!has.accessLog) return 'C';
  return has.auditLog ? 'A' : 'B';
}

/** Whether only the error log is at hand: nothing in it can prove an ordinary visitor. */
export function isErrorLogOnly(has: SourcesAtHand): boolean {
  return has.errorLog && !has.auditLog && !has.accessLog;
}

/** The sources that are missing, in words for "would decide it". */
export function missingSources(has: SourcesAtHand): string[] {
  if (has.logsCover === true) return ['the logs of the server that sent the mail'];
  const missing: string[] = [];
  if (!has.errorLog && !has.auditLog) missing.push("the error_log's lines of that time");
  if (!has.auditLog) missing.push('the audit log, which shows the whole request');
  if (!has.accessLog) missing.push('the access log, which shows what else this address did');
  return missing;
}
