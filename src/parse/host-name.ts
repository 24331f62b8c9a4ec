// Host names as DNS may give them: whoever owns an address writes its name, so only what is one is let through.

const LABEL = /^(?!-)[a-z0-9_-]{1,63}(?<!-)$/;
const MAX_LENGTH = 253;

/**
 * Gives a host name in lower case without its last dot; null for anything that is none: a single label, empty or
 * longer labels than 63 characters, more than 253 characters, other characters than letters, digits, `-` and `_`,
 * a last label without a letter (an address). RFC 1035, 2.3.4; the underscore because names in use have it.
 */
export function parseHostName(text: string): string | null {
  if (text.length > MAX_LENGTH + 1) return null;
  const name = (text.endsWith('.') ? text.slice(0, -1) : text).toLowerCase();
  if (name.length > MAX_LENGTH) return null;
  const labels = name.split('.');
  const last = labels.at(-1) ?? '';
  return labels.length >= 2 && labels.every((label) => LABEL.test(label)) && /[a-z]/.test(last) ? name : null;
}

/** Whether a host name (as `parseHostName` gives it) is a domain or lies below it. */
export function isBelow(name: string, domain: string): boolean {
  return name === domain || name.endsWith(`.${domain}`);
}
