// Which lfd setting each of lfd's failure classes ("apps") belongs to.

const TRIGGER_OF_APP: ReadonlyMap<string, string> = new Map([
  ['mod_security', 'LF_MODSEC'],
  ['cxs', 'LF_CXS'],
  ['symlink', 'LF_SYMLINK'],
  ['mod_qos', 'LF_QOS'],
  ['htpasswd', 'LF_HTACCESS'],
  ['sshd', 'LF_SSHD'],
  ['ftpd', 'LF_FTPD'],
  ['smtpauth', 'LF_SMTPAUTH'],
  ['eximsyntax', 'LF_EXIMSYNTAX'],
  ['pop3d', 'LF_POP3D'],
  ['imapd', 'LF_IMAPD'],
  ['bind', 'LF_BIND'],
  ['suhosin', 'LF_SUHOSIN'],
  ['cpanel', 'LF_CPANEL'],
  ['webmin', 'LF_WEBMIN'],
  ['directadmin', 'LF_DIRECTADMIN'],
  ['interworx', 'LF_INTERWORX'],
  ['cwp', 'LF_CWP'],
  ['vesta', 'LF_VESTA'],
  ['CT', 'CT_LIMIT'],
  ['port-flood', 'CT_LIMIT'],
  ['PERMBLOCK', 'LF_PERMBLOCK'],
  ['NETBLOCK', 'LF_NETBLOCK'],
]);

/**
 * The lfd setting behind a list of apps: one known app gives its own, several give `LF_TRIGGER`,
 * an unknown one is an admin's own expression (`LF_CUSTOMTRIGGER`). Null for an empty list.
 */
export function triggerOfApps(apps: readonly string[]): string | null {
  const [only] = apps;
  if (only === undefined) return null;
  if (apps.length > 1) return 'LF_TRIGGER';
  return TRIGGER_OF_APP.get(only) ?? 'LF_CUSTOMTRIGGER';
}

/** Whether lfd itself, not an admin's own expression, uses this app name. */
export function isKnownApp(app: string): boolean {
  return TRIGGER_OF_APP.has(app);
}
