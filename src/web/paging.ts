// Long lists in pages of 200 rows.
import { whole } from './view-text.ts';

/** Rows of a page. */
export const PAGE_ROWS = 200;

/** One page of a list. */
export interface ListPage<T> {
  readonly rows: readonly T[];
  readonly newer: string | null;
  readonly older: string | null;
  /** `page 2 of 7`. */
  readonly pages: string;
}

/** The page that an address asks for, and the address of another one; a page that does not exist is the last one. */
export function listPage<T>(
  all: readonly T[],
  asked: string | null,
  link: (page: number | null) => string,
): ListPage<T> {
  const pages = Math.max(1, Math.ceil(all.length / PAGE_ROWS));
  const number = Math.min(/^[1-9]\d{0,5}$/.test(asked ?? '') ? Number(asked) : 1, pages);
  return {
    rows: all.slice((number - 1) * PAGE_ROWS, number * PAGE_ROWS),
    newer: number > 1 ? link(number === 2 ? null : number - 1) : null,
    older: number < pages ? link(number + 1) : null,
    pages: `page ${whole(number)} of ${whole(pages)}`,
  };
}
