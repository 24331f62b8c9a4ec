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
