// Reads the JSON of --config: single paths of other panels and plain Apaches.
import { z } from 'zod';
import { BadInput } from './actions/errors.ts';
import type { LayoutOverrides } from './host/layout.ts';

const path = z
  .string()
  .max(4096)
  .regex(/^\/[^\0]*$/, 'must be an absolute path');
const paths = z.array(path).min(1).max(100);

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
    searchSeconds: z.number().int().min(1).max(3600),
  })
  .partial();

/** What a --config file sets. */
export interface Config {
  readonly overrides: LayoutOverrides;
  /** Seconds after which a search of the pages is ended. */
  readonly searchSeconds?: number;
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
  const { searchSeconds, ...overrides } = result.data;
  return {
    overrides: overrides as LayoutOverrides,
    ...(searchSeconds === undefined ? {} : { searchSeconds }),
  };
}
