// Watches a service while it works: the memory of its process, and how long its pages take.
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Served } from '../bench/served.ts';

const SAMPLE_MS = 200;
const PAUSE_MS = 200;
/** Longer than this nobody waits. */
const PATIENCE_MS = 120_000;

/** Resident memory, MiB; of all threads, for they share it. `files`: of it what is mapped from files, such as programs. */
interface Sample {
  readonly all: number;
  readonly files: number;
}

/** What was seen of a process; the peak is the kernel's own, and may lie between two samples. */
export interface Memory {
  readonly peak: number;
  readonly samples: readonly Sample[];
}

/** Fields of /proc/PID/status in MiB; none of a process that has ended. */
function status(pid: number): ReadonlyMap<string, number> {
  try {
    const text = readFileSync(`/proc/${pid}/status`, 'latin1');
    const lines = [...text.matchAll(/^(VmRSS|VmHWM|RssFile):\s+(\d+) kB$/gm)];
    return new Map(lines.map(([, name = '', kib]) => [name, Number(kib) / 1024]));
  } catch {
    return new Map();
  }
}

/** Samples the memory of a process every 200 ms until it is stopped. */
export function watchMemory(pid: number): { now(): Sample; stop(): Memory } {
  const samples: Sample[] = [];
  let peak = 0;
  const sample = (): Sample => {
    const seen = status(pid);
    const one = { all: seen.get('VmRSS') ?? 0, files: seen.get('RssFile') ?? 0 };
    if (seen.size > 0) samples.push(one);
    peak = Math.max(peak, seen.get('VmHWM') ?? 0);
    return one;
  };
  const timer = setInterval(sample, SAMPLE_MS);
  return {
    now: sample,
    stop: () => {
      clearInterval(timer);
      sample();
      return { peak, samples };
    },
  };
}

/** In words: `212 MiB, of which 48 are mapped files`. */
export function memoryText({ all, files }: Sample): string {
  return `${all.toFixed(0)} MiB, of which ${files.toFixed(0)} are mapped files`;
}

/** Times of one page's answers, ms, in their order; answers that did not come are counted, the last one is told of. */
export interface Answers {
  readonly page: string;
  readonly ms: readonly number[];
  readonly failures: number;
  readonly problem: string;
}

/** The pages that are asked for, by their names. */
export type Pages = ReadonlyMap<string, string>;

/** Asks for each page twice, so that all that they are made of is loaded; gives them, with the newest incident's. */
export async function warmUp({ get }: Pick<Served, 'get'>, mostMs: number): Promise<Pages> {
  const until = performance.now() + mostMs;
  let incident: string | undefined;
  while (incident === undefined) {
    incident = incidentLinks(await get('/'))[0];
    if (performance.now() > until) throw new Error('the home page shows no incident');
    await sleep(PAUSE_MS);
  }
  const pages = new Map([
    ['home', '/'],
    ['incident', incident],
    ['causes', '/causes'],
    ['self-test', '/doctor'],
  ]);
  for (const page of [...pages.values(), ...pages.values()]) await get(page);
  return pages;
}

/** Asks for the pages one after the other until it is stopped. */
export function askPages({ get }: Served, pages: Pages): { stop(): Promise<readonly Answers[]> } {
  const answers = [...pages].map(([page, link]) => ({
    page,
    link,
    ms: [] as number[],
    failures: 0,
    problem: '',
  }));
  let isStopped = false;
  const loop = async (): Promise<void> => {
    while (!isStopped) {
      for (const one of answers) {
        const started = performance.now();
        try {
          await get(one.link, AbortSignal.timeout(PATIENCE_MS));
        } catch (error) {
          one.failures++;
          one.problem = error instanceof Error ? error.message : String(error);
        }
        one.ms.push(performance.now() - started);
        await sleep(PAUSE_MS);
      }
    }
  };
  const running = loop();
  return {
    stop: async () => {
      isStopped = true;
      await running;
      return answers;
    },
  };
}

/** The pages of the incidents that a list links to. */
export function incidentLinks(html: string): string[] {
  return [...html.matchAll(/index\.cgi\?p=(\/incident&amp;ip=[^"#]+)/g)].map(([, page = '']) =>
    page.replaceAll('&amp;', '&'),
  );
}

/** The number that so large a share (0 to 1) of the numbers does not exceed; NaN of none. */
export function quantile(numbers: readonly number[], share: number): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}
