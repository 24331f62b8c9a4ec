// How a paste lays its lines out: double-spaced, cut at a fixed column, all in one paragraph.

/** Where the first log line of Apache starts. */
export const FIRST_DATE = /\[[A-Z][a-z]{2}\s[A-Z][a-z]{2}\s{1,3}\d{1,2}\s\d\d:\d\d:\d\d/;

/** Single-spaces a paste in which every line is followed by an empty one. */
export function undoDoubleSpacing(text: string): string {
  const lines = text.split('\n');
  let blank = 0;
  let touching = 0;
  for (let i = 1; i < lines.length; i++) {
    const [here, before] = [lines[i]?.trim() ?? '', lines[i - 1]?.trim() ?? ''];
    if (here === '') blank += 1;
    else if (before !== '') touching += 1;
  }
  if (blank < 6 || touching > blank / 8) return text;
  return text.replace(/\n[ \t]*\n(?:[ \t]*\n)?/g, (gap) => (gap.split('\n').length > 3 ? '\n\n' : '\n'));
}

/**
 * Puts the fields of a mail that was pasted as one paragraph on lines of their own. Only where a label
 * follows the time on the same line, and only before the first log line.
 */
export function splitJoinedFields(text: string): string {
  const end = FIRST_DATE.exec(text)?.index ?? text.length;
  const head = text.slice(0, end);
  if (!/:\d\d \d{4}(?: [+-]\d{4})?[ \t]+(?:IP|Block|Account)[ \t]{0,20}:/.test(head)) return text;
  const labels =
    /[ \t]+(?=(?:From|To|Subject|Time|IP|Failures|Interval|Blocked|Block|Hits|Account|Connections|Temporary Blocks|Log entries)[ \t]{0,20}:(?:[ \t]|$))/gm;
  return head.replace(labels, '\n') + text.slice(end);
}

const LINE_START = /^\s*(?:\[?[A-Z][a-z]{2} [A-Z][a-z]{2} |(?:tcp|udp|icmp)6?: |[^\s:[\]"]{1,20}:\s|$)/;

/**
 * Rejoins lines that a terminal cut at its last column, in the middle of words: all lines that go on in the
 * next one have the same length then, several in a row. Word wrap leaves them uneven.
 */
export function undoHardWrap(text: string): string {
  const lines = text.split('\n');
  const width = lines.reduce((longest, line) => Math.max(longest, line.length), 0);
  if (width < 40 || width > 400) return text;
  const continued = lines.map((_, index) => !LINE_START.test((lines[index + 1] ?? '').slice(0, 80)));
  const [goOn, full, run] = countFull(lines, continued, width);
  if (run < 3 || full < goOn * 0.9) return text;
  const glued = lines.map((line, index) => line + (continued[index] && line.length === width ? '' : '\n'));
  return glued.join('').slice(0, -1);
}

/** How many lines go on, how many of them are full, and the longest run of full ones. */
function countFull(
  lines: readonly string[],
  continued: readonly boolean[],
  width: number,
): [number, number, number] {
  let [goOn, full, run, longest] = [0, 0, 0, 0];
  for (const [index, line] of lines.entries()) {
    const isFull = continued[index] === true && line.length === width;
    run = isFull ? run + 1 : 0;
    longest = Math.max(longest, run);
    if (continued[index] === true) goOn += 1;
    if (isFull) full += 1;
  }
  return [goOn, full, longest];
}

/** Takes off the links that a mail program put behind host names (`example.com<http://example.com>`). */
export function undoAutolinks(text: string): string {
  const link = /([\w.@-]{1,100})<(?:https?:\/\/|mailto:)\1\/?>/g;
  const head = text.slice(0, FIRST_DATE.exec(text)?.index ?? text.length);
  return /[\w-]<(?:https?:\/\/|mailto:)[^<>\s]{1,200}>/.test(head) ? text.replace(link, '$1') : text;
}
