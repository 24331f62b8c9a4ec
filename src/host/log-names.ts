// How logs are named: rotated ones beside or in an archive folder, vhosts' own ones, accounts' archives.

const ROTATION =
  /(?:\.\d{1,3}|\.old|[.-]\d{8}(?:-\d{1,10})?|[.-]\d{4}-\d{2}-\d{2}|-\d{1,2}-\d{4}|-[A-Z][a-z]{2}-\d{4})?(?:\.gz)?$/;
/** cPanel's byte counters, the position files of its log readers, and FTP transfers: no log lines in them. */
const NO_LOG = /-bytes_log|\.offset|\.bkup|ftpxferlog|-ftp_log/;
const SSL = /-ssl_log$/;
const WILDCARD = /^\*(?=\.)/;
const VHOST = /^(?:_wildcard_\.)?[a-z0-9_][a-z0-9_.-]{0,252}$/;

/** Folders beside a log where cPanel keeps what it rotated away (the name differs between its pages). */
export const ARCHIVE_FOLDERS: readonly string[] = ['archive', 'archives'];

/** Whether a name in a log folder is no log at all. */
export function isNoLog(name: string): boolean {
  return NO_LOG.test(name);
}

/** The name without what rotation added: `error_log-20261122.gz`, `error_log.1`, `error_log-11-2026` -> `error_log`. */
export function logBase(name: string): string {
  const base = name.replace(ROTATION, '');
  return base === '' ? name : base;
}

/** The names that hold a vhost's requests, plain and TLS; `*.x` is stored as `_wildcard_.x`. */
export function domlogNames(vhost: string): string[] {
  const name = vhost.replace(WILDCARD, '_wildcard_');
  return [name, `${name}-ssl_log`];
}

/** The vhost whose log this base name is; null for a name that could not be one. */
export function vhostOfDomlog(base: string): string | null {
  const name = base.replace(SSL, '');
  return VHOST.test(name) ? name.replace(/^_wildcard_(?=\.)/, '*') : null;
}

/** The last component of a path. */
export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** The folder that a path's last component is in; `/` for one directly below it. */
export function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/';
}

/** Tells which base names (see logBase) a log's name in the layout stands for: itself, or what its globs fit. */
export function familyTest(name: string): (base: string) => boolean {
  const glob = globPattern(name);
  return glob === null ? (base) => base === name : (base) => glob.test(base);
}

/** A pattern with `*` and `?` for one path component; null when the text has none of them. */
export function globPattern(text: string): RegExp | null {
  if (!/[*?]/.test(text)) return null;
  const source = text
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*+/g, '[^/]*')
    .replaceAll('?', '[^/]');
  return new RegExp(`^${source}$`);
}

/**
 * The home folder of an account, as far as a document root names it; null when it does not. Homes lie in a folder
 * of their own, so that an account called `home` has /home/home.
 */
export function homeOf(documentRoot: string, account: string): string | null {
  const names = documentRoot.split('/');
  const at = names.indexOf(account, 2);
  return names[0] !== '' || at < 2 ? null : names.slice(0, at + 1).join('/');
}
