// Moves what the bed's Apache wrote from the seconds of the run to the times that the stories have,
// request by request: every line of a request is shifted by the same amount, in every log.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { WatchedLine } from './lfd.ts';
import type { Step } from './stories/story.ts';
import { stamp } from './stamps.ts';
import type { EpochMicros } from './stamps.ts';

/** A log's text (with tokens) from one moment on. */
export interface RecordedLogs {
  /** error_log lines in time order. */
  readonly errors: readonly WatchedLine[];
  /** Audit records in time order. */
  readonly audit: readonly WatchedLine[];
  /** Path below the root -> lines in time order. */
  readonly access: ReadonlyMap<string, readonly WatchedLine[]>;
}

const MONTHS = 'JanFebMarAprMayJunJulAugSepOctNovDec';

interface TraceLine {
  readonly uniqueId: string;
  readonly micros: EpochMicros;
  readonly path: string;
  readonly text: string;
}

/** Epoch microseconds of a UTC time read from a log. */
function utc(year: string, month: string, day: string, clock: string): EpochMicros {
  const [time = '', fraction = ''] = clock.split('.');
  const [h, m, s] = time.split(':').map(Number);
  const ms = Date.UTC(Number(year), MONTHS.indexOf(month) / 3, Number(day), h, m, s);
  return ms * 1000 + Number(fraction.padEnd(6, '0'));
}

function readTrace(root: string): TraceLine[] {
  const logs = join(root, 'var/log/apache2');
  const paths = ['access_log', ...readdirSync(join(logs, 'domlogs')).map((name) => `domlogs/${name}`)];
  const lines = paths.flatMap((path) =>
    readFileSync(join(logs, path), 'latin1')
      .split('\n')
      .flatMap((line): TraceLine[] => {
        const found = /^(\S+) (\d+) (.*)$/.exec(line);
        const [, uniqueId = '', micros = '', text = ''] = found ?? [];
        return found === null
          ? []
          : [{ uniqueId, micros: Number(micros), path: `var/log/apache2/${path}`, text }];
      }),
  );
  return lines.sort((a, b) => a.micros - b.micros);
}

/** How far each request is moved; found by unique id, or by time for lines without one. */
class Shifts {
  readonly #byId = new Map<string, number>();
  readonly #starts: readonly TraceLine[];

  constructor(trace: readonly TraceLine[], steps: readonly Step[], end: EpochMicros) {
    if (trace.length !== steps.length)
      throw new Error(`${trace.length} access lines for ${steps.length} requests`);
    this.#starts = trace;
    for (const [i, line] of trace.entries()) {
      this.#byId.set(line.uniqueId, end + Math.round((steps[i]?.at ?? 0) * 1e6) - line.micros);
    }
  }

  ofRequest(uniqueId: string): number {
    const shift = this.#byId.get(uniqueId);
    if (shift === undefined) throw new Error(`no request has the unique id ${uniqueId}`);
    return shift;
  }

  /** The request that was running at `at`: they were sent one after the other. Null before the first. */
  ofMoment(at: EpochMicros): number | null {
    const line = this.#starts.findLast((start) => start.micros <= at);
    return line === undefined ? null : this.ofRequest(line.uniqueId);
  }
}

const ERROR_TIME = /^\[\w{3} (\w{3}) (\d\d) (\d\d:\d\d:\d\d\.\d+) (\d{4})\]/;
/** Start and stop of the bed's own Apache, and files that only the bed has. */
const BED_ONLY = /Command line:|AH00096|AH00491/;

function readErrors(text: string, shifts: Shifts, startedAt: EpochMicros): WatchedLine[] {
  const lines: WatchedLine[] = [];
  let started: number | null = null;
  for (const line of text.split('\n')) {
    const found = ERROR_TIME.exec(line);
    if (found === null || BED_ONLY.test(line)) continue;
    const [whole, month = '', day = '', clock = '', year = ''] = found;
    const real = utc(year, month, day, clock);
    started ??= startedAt - real;
    const id = /\[unique_id "([^"]+)"\]/.exec(line)?.[1];
    const at = real + (id === undefined ? (shifts.ofMoment(real) ?? started) : shifts.ofRequest(id));
    lines.push({ at, text: `[${stamp('E', at)}]${line.slice(whole.length)}` });
  }
  return lines.sort((a, b) => a.at - b.at);
}

const AUDIT_HEAD = /^(--[0-9a-f]{8}-A--\n)\[(\d\d)\/(\w{3})\/(\d{4}):([\d:.]+) \+0000\] (\S+)/;

function readAudit(text: string, shifts: Shifts): WatchedLine[] {
  const records = text.split(/^(?=--[0-9a-f]{8}-A--$)/m).filter((record) => record.startsWith('--'));
  const lines = records.map((record): WatchedLine => {
    const [whole, boundary = '', day = '', month = '', year = '', clock = '', id = ''] = AUDIT_HEAD.exec(
      record,
    ) ?? [''];
    const shift = shifts.ofRequest(id);
    const at = utc(year, month, day, clock) + shift;
    const rest = record
      .slice(whole.length)
      .replace(
        /^(Stopwatch2?: )(\d{16})/gm,
        (_, label: string, micros: string) => label + stamp('M', Number(micros) + shift),
      );
    return { at, text: `${boundary}[${stamp('A', at, true)}] ${id}${rest}` };
  });
  return lines.sort((a, b) => a.at - b.at);
}

function readAccess(trace: readonly TraceLine[], shifts: Shifts): Map<string, WatchedLine[]> {
  const byPath = new Map<string, WatchedLine[]>();
  for (const line of trace) {
    const at = line.micros + shifts.ofRequest(line.uniqueId);
    const text = line.text.replace(/\[\d\d\/\w{3}\/\d{4}:[\d:]{8} \+0000\]/, `[${stamp('A', at)}]`);
    const lines = byPath.get(line.path) ?? [];
    lines.push({ at, text });
    byPath.set(line.path, lines);
  }
  for (const lines of byPath.values()) lines.sort((a, b) => a.at - b.at);
  return byPath;
}

/**
 * Reads the logs of a stopped bed (started with `trace`, in UTC) and moves each request to the time of its step.
 * `steps` in the order in which they were sent. The notices of Apache's start are moved to `startedAt`. Throws when
 * requests and lines do not fit together.
 */
export function readRecording(
  root: string,
  steps: readonly Step[],
  end: EpochMicros,
  startedAt: EpochMicros,
): RecordedLogs {
  const trace = readTrace(root);
  const shifts = new Shifts(trace, steps, end);
  const read = (name: string): string =>
    readFileSync(join(root, 'var/log/apache2', name), 'latin1').replaceAll(`${root}/`, '/');
  return {
    errors: readErrors(read('error_log'), shifts, startedAt),
    audit: readAudit(read('modsec_audit.log'), shifts),
    access: readAccess(trace, shifts),
  };
}
