// /etc/cpanel/ea4/paths.conf of EasyApache 4: where this server keeps Apache's files, as `key=value` lines.

/**
 * Reads `key=value` lines (latin1) whose value is an absolute path; blanks around both and quotes around the
 * value are dropped. Comments and lines of another shape are left out; the last line of a key counts.
 */
export function parsePathsConf(text: string): ReadonlyMap<string, string> {
  const paths = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    const equals = line.indexOf('=');
    const key = line.slice(0, Math.max(equals, 0)).trim();
    if (!/^[a-z][a-z0-9_]{0,63}$/.test(key)) continue;
    const value = line
      .slice(equals + 1)
      .trim()
      .replace(/^"(.*)"$/, '$1');
    if (value.startsWith('/') && value.length <= 4096 && !value.includes('\0')) paths.set(key, value);
  }
  return paths;
}
