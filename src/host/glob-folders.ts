// Log patterns with `*` and `?` in their folders, as csf.conf may hold them (lfd expands them with a glob).
import { globPattern } from './log-names.ts';
import type { Root } from './root.ts';

/** Folders that one pattern may stand for; a server with more accounts than this names its logs otherwise. */
const MOST_FOLDERS = 500;
const MOST_PARTS = 32;

/**
 * The patterns that a pattern with wildcards in its folders stands for, one a folder that exists; wildcards in the last
 * component stay. A pattern without any comes back as it is. Names that begin with a dot need one in the pattern, as for
 * a shell, and links among the folders that a wildcard stands for are not followed.
 */
export function expandFolders(root: Root, pattern: string): string[] {
  const parts = pattern.split('/');
  const last = parts.pop() ?? '';
  if (!parts.some((part) => globPattern(part) !== null)) return [pattern];
  if (parts.length > MOST_PARTS) return [];
  let folders = [''];
  for (const part of parts.slice(1)) folders = next(root, folders, part);
  return folders.map((folder) => `${folder}/${last}`);
}

function next(root: Root, folders: readonly string[], part: string): string[] {
  const isWanted = globPattern(part);
  if (isWanted === null) return folders.map((folder) => `${folder}/${part}`);
  const found: string[] = [];
  for (const folder of folders) {
    for (const { name, directory } of root.list(root.resolve(folder === '' ? '/' : folder))) {
      if (!directory || !isWanted.test(name) || (name.startsWith('.') && !part.startsWith('.'))) continue;
      if (found.length >= MOST_FOLDERS) return found;
      found.push(`${folder}/${name}`);
    }
  }
  return found;
}
