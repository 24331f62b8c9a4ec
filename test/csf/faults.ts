// What can be made to go wrong in a call of the stand-in. Faults wait in a folder, one file each; a call takes the
// first that concerns it.
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where a call can be killed: at its start, with the lock in hand, after the list was emptied, in the middle of it, at the end. */
export type DeathPoint = 'start' | 'locked' | 'truncated' | 'middle' | 'written';

export type FaultKind =
  /** Ends with 0, does nothing, says nothing. */
  | { readonly kind: 'lie' }
  /** Takes so much longer: before anything, or (`middle`) with the list locked and cut, as when iptables has to wait. */
  | { readonly kind: 'slow'; readonly ms: number; readonly at?: 'start' | 'middle' }
  /** Is killed. What adds a line without a rewrite is killed before it (`truncated`) or in it (`middle`). */
  | { readonly kind: 'die'; readonly at: DeathPoint }
  /** csf's own giving up: firewall flushed, csf.error written, 1. In the `middle` the rest of the list is lost. */
  | { readonly kind: 'error'; readonly at?: 'open' | 'middle' }
  /** csf.lock is taken: 11. */
  | { readonly kind: 'locked' }
  /** Perl dies: 2. */
  | { readonly kind: 'perl' }
  /** Says what it says after success, but writes nothing. */
  | { readonly kind: 'unwritten' }
  /** When it is done another process rewrites the list, slowly, under its lock: empty, then half, then whole. */
  | { readonly kind: 'torn'; readonly ms: number }
  /** Warnings before all else. */
  | { readonly kind: 'warnings'; readonly lines: readonly string[] }
  /** Only so many bytes of its words arrive. */
  | { readonly kind: 'cut'; readonly bytes: number }
  /** So many bytes of noise come first. */
  | { readonly kind: 'huge'; readonly bytes: number };

/** A fault, for calls of one command (`-dr`) or for all. */
export type Fault = FaultKind & { readonly on?: string };

const folder = (root: string): string => join(root, 'run/csf/faults');

/** Lets the next call have it, or the next `times`; those that were set before come first. */
export function addFault(root: string, fault: Fault, times: number): void {
  mkdirSync(folder(root), { recursive: true });
  const last = readdirSync(folder(root)).sort().at(-1) ?? '0';
  for (let i = 1; i <= times; i++) {
    const name = String(Number(last) + i).padStart(9, '0');
    const file = join(folder(root), name);
    writeFileSync(`${file}.new`, JSON.stringify(fault));
    renameSync(`${file}.new`, file);
  }
}

/** Takes back what no call has had. */
export function clearFaults(root: string): void {
  rmSync(folder(root), { recursive: true, force: true });
}

/** Takes the first fault that concerns a command; null without. */
export function takeFault(root: string, command: string): Fault | null {
  let names: string[];
  try {
    names = readdirSync(folder(root)).sort();
  } catch {
    return null;
  }
  for (const name of names.filter((one) => !one.endsWith('.new'))) {
    const file = join(folder(root), name);
    try {
      const fault = JSON.parse(readFileSync(file, 'utf8')) as Fault;
      if (fault.on !== undefined && fault.on !== command) continue;
      rmSync(file);
      return fault;
    } catch {
      // Another call was faster.
    }
  }
  return null;
}
