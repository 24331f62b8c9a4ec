// Reads the JSON of --config: single paths of other panels and plain Apaches.
import { z } from 'zod';
import { BadInput } from './actions/errors.ts';
import { type MailConfig, mailProgram } from './actions/mail-settings.ts';
import type { NetworkSettings } from './actions/proxy-nets.ts';
import type { RetentionSettings } from './actions/retention-limits.ts';
import { readOwnFile } from './host/own-files.ts';
import type { ActSettings } from './host/server-acts.ts';
import type { LayoutOverrides } from './host/layout.ts';
import { mailSection } from './mail-config.ts';
import { usableNet } from './parse/address.ts';

const path = z
  .string()
  .max(4096)
  .regex(/^\/[^\0]*$/, 'must be an absolute path');
const paths = z.array(path).min(1).max(100);

const argv = z
  .array(
    z
      .string()
      .max(4096)
      .regex(/^[^\0]*$/),
  )
  .min(1)
  .max(30);
const program = argv.refine(([first = '']) => first.startsWith('/'), 'must begin with an absolute path');
const point = z.strictObject({
  host: z.string().max(64),
  port: z.number().int().min(1).max(65_535),
  tls: z.boolean(),
});

const net = z
  .string()
  .max(50)
  .refine(
    (text) => usableNet(text) !== null,
    'must be an address or a net such as 198.51.100.0/24, none wider than /8 (IPv6: /16)',
  );

/** As WHM names its users. */
const userName = z.string().regex(/^[\x21-\x7e]{1,200}$/, 'must be the name of a user');

const schema = z
  .strictObject({
    errorLogs: paths,
    auditLogs: paths,
    auditFolders: paths,
    accessLogs: paths,
    lfdLogs: paths,
    mailLogs: paths,
    systemLogs: paths,
    nginxErrorLogs: paths,
    domlogFolders: paths,
    csfFolder: path,
    csfStateFolder: path,
    apacheConfFolder: path,
    ruleFolders: paths,
    userdatadomains: path,
    userdataFolder: path,
    httpdConf: path,
    httpdPreviewConf: path,
    includeFolder: path,
    httpdProgram: path,
    whmHits: path,
    commands: z.strictObject({
      httpdTest: program,
      httpdTestFile: program,
      modules: program,
      rebuild: program,
      rebuildPreview: program,
      restart: program,
    }),
    csfCommand: program,
    probe: z.strictObject({ std: point, ssl: point }),
    reloadSeconds: z.number().int().min(0).max(600),
    searchSeconds: z.number().int().min(1).max(3600),
    proxies: z.array(net).max(10_000),
    cdnRanges: z.array(net).max(10_000),
    dns: z.enum(['on', 'off', 'auto']),
    retention: z
      .strictObject({
        // The numbers of causes look back 14 days: less would falsify them.
        days: z.number().int().min(14).max(3650).nullable(),
        megabytes: z.number().int().min(64).max(1_048_576).nullable(),
      })
      .partial(),
    access: z
      .strictObject({
        readOnly: z.array(userName).max(1000),
        costlyPerMinute: z.number().int().min(1).max(10_000),
      })
      .partial(),
    mail: mailSection,
  })
  .partial();

/** What a --config file sets. */
export interface Config {
  readonly overrides: LayoutOverrides;
  /** The server's programs, and where its vhosts answer. */
  readonly acts: ActSettings;
  /** Seconds after which a search of the pages is ended. */
  readonly searchSeconds?: number;
  readonly access?: Access;
  readonly network: NetworkSettings;
  readonly retention?: RetentionSettings;
  /** Mails about blocks; none are sent without. */
  readonly mail?: MailConfig;
}

/** What users of the pages may do. */
export interface Access {
  /** Users who may look, but not change anything. */
  readonly readOnly?: readonly string[] | undefined;
  /** Searches, previews, pasted texts and exports that one user may ask for in a minute. */
  readonly costlyPerMinute?: number | undefined;
}

/** Checks the text of a --config file; throws BadInput that names the field, what is wrong and what fits. */
export function parseConfig(text: string, name: string): Config {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new BadInput(`${name} is not JSON: ${error instanceof Error ? error.message : String(error)}.`);
  }
  const result = schema.safeParse(value);
  if (!result.success) {
    const [issue] = result.error.issues;
    const where = issue?.path.join('.') ?? '';
    throw new BadInput(
      `${name}: ${where === '' ? '' : `"${where}": `}${issue?.message ?? 'not understood'}. Known fields: ${Object.keys(schema.shape).join(', ')}.`,
    );
  }
  const { searchSeconds, access, retention, mail, ...others } = result.data;
  const { commands, csfCommand, probe, reloadSeconds, proxies, cdnRanges, dns, ...overrides } = others;
  return {
    overrides: overrides as LayoutOverrides,
    acts: { commands, csfCommand, probe, reloadSeconds, sendmail: mailProgram(mail) },
    network: { proxies, cdnRanges, dns },
    ...(searchSeconds === undefined ? {} : { searchSeconds }),
    ...(access === undefined ? {} : { access }),
    ...(retention === undefined ? {} : { retention }),
    ...(mail === undefined ? {} : { mail }),
  };
}

/** Reads the file of --config; throws BadInput also where it cannot be read. */
export function configOf(path: string): Config {
  let text: string;
  try {
    text = readOwnFile(path);
  } catch (error) {
    throw new BadInput(
      `--config ${path} cannot be read: ${String((error as { code?: unknown }).code ?? error)}.`,
    );
  }
  return parseConfig(text, path);
}
