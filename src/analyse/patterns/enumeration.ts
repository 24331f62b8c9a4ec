// Requests that list the user names of a WordPress site.
import { urlDecode } from '../decode.ts';
import { anyOf, type PatternEntry } from './pattern-entry.ts';

/** Tried on a request target with its query decoded once. */
export const ENUMERATION: readonly PatternEntry[] = [
  // the page of author N, asked for by number at a site's start page
  {
    re: /^\/?(?:[\w.~-]{1,60}\/)?(?:index\.php)?\?(?:[^#]{0,200}&)?author=\d{1,6}(?:&|#|$)/i,
    fits: ['/?author=1', '/?author=12', '/index.php?author=3', '/blog/?author=1', '/?cb=8&author=2&x=1'],
    fitsNot: [
      '/?author=jana',
      '/books/list.php?author=15',
      '/knihy/slovenske/?author=15',
      '/?coauthor=1',
      '/author/jana/',
      '/?s=author=1',
    ],
  },
  // the list of users in the programming interface
  {
    re: /\/wp-json\/+wp\/v2\/+users(?:\/+\d{1,6})?\/*(?:[?#]|$)|[?&]rest_route=\/+wp\/v2\/+users(?:\/+\d{1,6})?\/*(?:[&#]|$)/i,
    fits: [
      '/wp-json/wp/v2/users',
      '/wp-json/wp/v2/users/',
      '/wp-json/wp/v2/users/1',
      '/blog/wp-json/wp/v2/users?per_page=100&page=2',
      '/?rest_route=/wp/v2/users',
      '/index.php?rest_route=/wp/v2/users/5&_fields=slug',
    ],
    fitsNot: [
      '/wp-json/wp/v2/users/me',
      '/wp-json/wp/v2/posts?author=1',
      '/wp-json/wp/v2/userstories',
      '/?rest_route=/wp/v2/users/me',
      '/docs/wp/v2/users',
    ],
  },
];

/**
 * What is no listing though an entry fits: the editor asks for its own authors with the language of its user, and
 * lists of books or articles are sorted or searched by author.
 */
export const NO_ENUMERATION: readonly PatternEntry[] = [
  {
    re: /[?&]_locale=user(?:&|$)/i,
    fits: [
      '/wp-json/wp/v2/users?who=authors&per_page=50&_locale=user',
      '/wp-json/wp/v2/users/1?_locale=user',
    ],
    fitsNot: ['/wp-json/wp/v2/users', '/wp-json/wp/v2/users?locale=user'],
  },
  {
    re: /^\/?(?:[\w.~-]{1,60}\/)?(?:index\.php)?\?(?:[^#]{0,200}&)?(?:s|q|sort|sort_by|order|orderby|genre|category|price|year)=/i,
    fits: ['/?s=macek&author=3', '/books/?author=15&sort=price', '/?author=1&year=2026'],
    fitsNot: ['/?author=1', '/?author=1&cs=2', '/wp-json/wp/v2/users?orderby=id'],
  },
];

const LISTS = anyOf(ENUMERATION);
const NO_LIST = anyOf(NO_ENUMERATION);

/** Whether a request target, as sent, asks for user names. */
export function listsUsers(uri: string): boolean {
  const decoded = urlDecode(uri);
  return LISTS.test(decoded) && !NO_LIST.test(decoded);
}
