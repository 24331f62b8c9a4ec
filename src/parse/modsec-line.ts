// One line of any web server's error log that ModSecurity wrote: Apache's, nginx's or LiteSpeed's.
import { parseErrorLogLine, type ErrorLogEntry } from './error-log.ts';
import { parseLitespeedError, parseLitespeedNative } from './litespeed-modsec.ts';
import { parseNginxModsec } from './nginx-modsec.ts';

const BRACKET = 0x5b;
const SLASH = 0x2f;
const DASH = 0x2d;
const LITESPEED_RULE = " [Rule: '";

/**
 * Reads one line (latin1, with or without its line end), whoever wrote it; what it is shows in its first characters.
 * Null for a line that ModSecurity did not write for a request, and for one that cannot be understood. Never throws.
 */
export function parseModsecLine(line: string): ErrorLogEntry | null {
  if (line.charCodeAt(0) === BRACKET) {
    // LiteSpeed's text stands near the front, where no visitor's does.
    const isLitespeed = line.slice(0, 240).includes(LITESPEED_RULE);
    return (isLitespeed ? parseLitespeedError(line) : null) ?? parseErrorLogLine(line);
  }
  const separator = line.charCodeAt(4);
  if (separator === SLASH) return parseNginxModsec(line);
  return separator === DASH ? parseLitespeedNative(line) : null;
}
