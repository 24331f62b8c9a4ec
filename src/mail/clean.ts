// Text of strangers in a mail: nothing of it may act on a terminal, a mail program or a header.

/** C0 and C1 controls, and marks that turn the direction of text around or are not seen. */
const UNSAFE =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;
/** What a mail program would make a link of, and a filter would hold against the mail. */
const SCHEME = /(?:http|ftp)(?=s?:\/\/)/gi;
const MOST = 700;

/**
 * One line of text, at most 700 characters: bytes that act are shown as `\xNN`, addresses of web pages are written `hxxp://`, so
 * that no program opens or judges them.
 */
export function cleanText(text: string, most = MOST): string {
  // Cut first, so that what is thrown away costs nothing; what is made visible grows.
  const shownText = cut(text, most)
    .replace(/\s+/g, ' ')
    .trim()
    .replace(UNSAFE, shown)
    .replace(SCHEME, (scheme) => (scheme.toLowerCase() === 'ftp' ? 'fxp' : 'hxxp'));
  return cut(shownText, most);
}

function cut(text: string, most: number): string {
  return (text.length > most ? `${text.slice(0, most - 1)}…` : text).toWellFormed();
}

function shown(char: string): string {
  const code = char.charCodeAt(0);
  return code < 256 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16)}`;
}
