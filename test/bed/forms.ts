// Ways of writing an exclusion, each tried in the include file of a vhost of its own on one real Apache.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { startBed } from './apache.ts';
import type { Bed, BedOptions } from './apache.ts';
import type { BedRequest } from './send.ts';
import { smallVhosts } from './sites.ts';

export type Probe = Omit<BedRequest, 'host'>;

/** One way of writing it, and what it lets pass. */
export interface Form {
  readonly name: string;
  /** What the include file of the plain vhost holds. */
  readonly conf: string;
  /** Names of the probes that are not refused, with blanks between; all others get 403. */
  readonly freed: string;
  /** Probes by name, instead of the six that are always sent. */
  readonly probes?: Readonly<Record<string, Probe>>;
}

export const SQLI = encodeURIComponent("1' OR 1=1-- -");
const XSS = encodeURIComponent('<script>alert(1)</script>');

/** Rules they break in CRS 3.3.4: 942100 at ARGS:id, ARGS:q; 941100, 941110, 941160 at ARGS:id; 911100. */
export const PROBES = {
  sqli: { path: `/product.php?id=${SQLI}` },
  post: { path: '/product.php', body: `id=${SQLI}` },
  other: { path: `/product.php?q=${SQLI}` },
  search: { path: `/search.php?id=${SQLI}` },
  xss: { path: `/product.php?id=${XSS}` },
  put: { path: '/product.php', method: 'PUT' },
} as const satisfies Readonly<Record<string, Probe>>;
export const ALL = Object.keys(PROBES).join(' ');

/** The form that most exclusions have: a condition, and the time until which it counts. */
export function timed(condition: string, ctl: string, until = 2_000_000_000): string {
  return `SecRule ${condition} "id:1,phase:1,pass,nolog,t:none,chain"\n  SecRule TIME_EPOCH "@lt ${until}" "t:none,${ctl}"\n`;
}

/** A bed with one vhost for each form. */
export interface FormBed {
  readonly bed: Bed;
  /** Names of the probes of a form that are not refused, with blanks between. */
  freed(form: Form): Promise<string>;
  host(form: Form): string;
  /** Where the include file of a form lies, below the root. */
  file(form: Form, kind?: 'std' | 'ssl'): string;
}

/** Writes a file below the root of a bed, with its folders; bytes are those of the text in UTF-8. */
export function putIn(bed: Bed, path: string, text: string): void {
  mkdirSync(dirname(join(bed.root, path)), { recursive: true });
  writeFileSync(join(bed.root, path), text);
}

/**
 * Starts it with all forms loaded; `user` are rules of the administrator, which come before CRS. Throws, and stops
 * Apache, when the configuration is broken.
 */
export async function startForms(
  options: Pick<BedOptions, 'dir' | 'crs' | 'earlyBlock'>,
  forms: readonly Form[],
  user = '',
): Promise<FormBed> {
  const vhosts = smallVhosts(forms.length + 1);
  const bed = await startBed({ ...options, auditLog: 'serial', vhosts, mpm: 'event' });
  const at = (form: Form): number => forms.indexOf(form);
  const file = (form: Form, kind: 'std' | 'ssl' = 'std'): string =>
    `etc/apache2/conf.d/userdata/${kind}/2_4/small${at(form)}/s${at(form)}.example.com/wb.conf`;
  const host = (form: Form): string => `s${at(form)}.example.com`;
  try {
    putIn(bed, 'etc/apache2/conf.d/modsec/modsec2.user.conf', user);
    for (const form of forms) putIn(bed, file(form), form.conf);
    bed.rebuild();
    await bed.graceful();
  } catch (error) {
    await bed.stop();
    throw error;
  }
  const freed = async (form: Form): Promise<string> => {
    const passed: string[] = [];
    for (const [name, probe] of Object.entries<Probe>(form.probes ?? PROBES)) {
      const { status } = await bed.send({ client: '198.51.100.23', ...probe, host: host(form) });
      if (status !== 403) passed.push(name);
    }
    return passed.join(' ');
  };
  return { bed, freed, host, file };
}

/** What the config test says to a text in the include file of a form's vhost; the file is put back. */
export function testText(
  forms: FormBed,
  form: Form,
  text: string,
): { readonly ok: boolean; readonly output: string } {
  putIn(forms.bed, forms.file(form), text);
  try {
    return forms.bed.configTest();
  } finally {
    rmSync(join(forms.bed.root, forms.file(form)));
    putIn(forms.bed, forms.file(form), form.conf);
  }
}
