// The ids and ranges that SecRuleRemoveById and `ctl:ruleRemove…ById` name, as ModSecurity 2.9 reads them
// (rule_id_in_range in re.c): numbers by atoi, lists at commas, a range at the first `-`.

/** Ids from `from` to `to`, both included. */
export interface IdRange {
  readonly from: number;
  readonly to: number;
}

const MOST_RANGES = 10_000;
const LARGEST_ID = 2_147_483_647;

/**
 * Reads one word of such a directive: `942100`, `942100,941110`, `942000-942999`, `942000 - 942999`, `942100x` (read
 * as 942100). What names no id (`abc`, a range from large to small, a number beyond 32 bits) gives nothing.
 */
export function readIdList(word: string): IdRange[] {
  const ranges: IdRange[] = [];
  for (const part of word.split(',', MOST_RANGES)) {
    const dash = part.indexOf('-');
    const from = numberAt(dash < 0 ? part : part.slice(0, dash));
    const to = dash < 0 ? from : numberAt(part.slice(dash + 1));
    if (from !== null && to !== null && from <= to) ranges.push({ from, to });
  }
  return ranges;
}

/** C's atoi without its overflow: digits after blanks, whatever follows. */
function numberAt(text: string): number | null {
  const digits = /^\s*\+?(\d{1,20})/.exec(text)?.[1];
  const number = Number(digits ?? Number.NaN);
  return number > 0 && number <= LARGEST_ID ? number : null;
}

/**
 * Whether a word of SecRuleRemoveById names id 0, as everything does that begins with no number (`abc`, `#`, `-`). Id 0
 * are the markers: without them `skipAfter` jumps past the last rule of its phase, and nothing is refused any more.
 * Tried on ModSecurity 2.9.7; a ctl action takes no marker out.
 */
export function namesMarkers(word: string): boolean {
  return word.split(',', MOST_RANGES).some((part) => {
    if (part === '') return false;
    const dash = part.indexOf('-');
    const from = atoi(part);
    return dash < 0 ? from === 0 : from <= 0 && atoi(part.slice(dash + 1)) >= 0;
  });
}

/** glibc's atoi: what strtol reads (at most a 64-bit number), cut to 32 bits. */
function atoi(text: string): number {
  const [, sign = '', digits = '0'] = /^\s*([+-]?)(\d{1,20})/.exec(text) ?? [];
  const read = BigInt(sign + digits);
  return Number(BigInt.asIntN(32, read > LONG_MAX ? LONG_MAX : read));
}

const LONG_MAX = 2n ** 63n - 1n;
