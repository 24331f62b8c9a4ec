// csf.blocklists: `NAME|INTERVAL|MAX|URL`, one block list a line; `#` in front switches it off.

/** A block list that csf loads. The URL, which may hold a key, is not read. */
export interface BlocklistSetting {
  readonly name: string;
  /** How many entries of it csf takes; null for all. */
  readonly most: number | null;
}

const LINE = /^[ \t]{0,20}([A-Za-z0-9_]{1,32})\|(\d{1,9})\|(\d{1,9})\|/;
const MAX_LISTS = 200;

/** Reads a whole csf.blocklists (latin1); other lines are passed over, of two lines of one name the first counts. */
export function parseBlocklists(text: string): BlocklistSetting[] {
  const found = new Map<string, BlocklistSetting>();
  for (const line of text.split(/[\r\n]+/)) {
    const match = LINE.exec(line);
    const name = match?.[1];
    if (name === undefined || found.has(name) || found.size >= MAX_LISTS) continue;
    const most = Number(match?.[3]);
    found.set(name, { name, most: most === 0 ? null : most });
  }
  return [...found.values()];
}
