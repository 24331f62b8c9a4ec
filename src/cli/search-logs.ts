// The logs that can be searched, as a list for the terminal.
import type { SearchLog } from '../model.ts';
import { safeJson } from '../actions/search-rows.ts';
import { safeText } from './terminal.ts';

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

/** One line a log: kind, size, path, vhost, and why it cannot be read; or one JSON object. */
export function listLogs(logs: readonly SearchLog[], json: boolean): string[] {
  if (json)
    return logs.map(({ kind, path, size, compressed, rotated, vhost, account, problem }) => {
      return `${safeJson({ kind, path, size, compressed, rotated, vhost, account, problem })}\n`;
    });
  return logs.map(({ kind, path, size, vhost, problem }) => {
    const rest = [vhost, problem].filter((text) => text !== null).map((text) => `  ${text}`);
    const line = `${kind.padEnd(6)}  ${sizeText(size).padStart(8)}  ${path}${rest.join('')}`;
    return `${safeText(line.replaceAll('\n', '\\x0a'))}\n`;
  });
}

/** `512 B`, `1.2 MiB`. */
function sizeText(bytes: number): string {
  let unit = 0;
  let size = bytes;
  while (size >= 1024 && unit < UNITS.length - 1) {
    size /= 1024;
    unit++;
  }
  return `${unit === 0 ? size : size.toFixed(1)} ${UNITS[unit] ?? ''}`;
}
