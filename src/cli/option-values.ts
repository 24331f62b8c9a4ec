// Values of options that are no plain text.
import { InvalidArgumentError } from 'commander';

const UNITS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds of a time like `24h`. Throws InvalidArgumentError. */
export function parseSpan(text: string): number {
  const match = /^(\d{1,6})([smhd])$/.exec(text);
  const unit = UNITS[match?.[2] ?? ''];
  if (match?.[1] === undefined || unit === undefined)
    throw new InvalidArgumentError('Give a number and s, m, h or d, e.g. 24h.');
  return Number(match[1]) * unit;
}

/** A port, 0 for any free one. Throws InvalidArgumentError. */
export function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535)
    throw new InvalidArgumentError('Give a port from 0 to 65535 (0: any free one).');
  return port;
}
