// The raw lines behind an explanation, read back from their places and masked.
import { maskAuditLine, maskLine, maskLines } from '../analyse/mask.ts';
import type { LineRef, SourceKind } from '../model.ts';
import { decodeBytes } from '../parse/text.ts';
import type { Context } from './context.ts';
import type { BlockView, IncidentView, RawLine } from './explanation.ts';
import { PASTED } from './pasted.ts';

const SHOWN = 6;
const AUDIT_LINES = 40;
const SHOWN_BYTES = 16 * 1024;

/** At most a few lines of each source, the first of the incident; lines that are gone with their logs are left out. */
export async function rawLines(
  ctx: Context,
  incident: IncidentView | null,
  block: BlockView | null,
  pasted: readonly string[],
): Promise<RawLine[]> {
  const lines: RawLine[] = [];
  const requests = incident?.transactions ?? [];
  const errorRefs = requests.flatMap((request) =>
    request.hits.flatMap((hit) => hit.refs.filter((_, index) => hit.sources[index] === 'error_log')),
  );
  for (const ref of errorRefs.slice(0, SHOWN)) await push(ctx, lines, 'error_log', ref);
  const auditRef = requests.find((request) => request.auditRef !== null)?.auditRef ?? null;
  if (auditRef !== null) await pushRecord(ctx, lines, auditRef);
  for (const request of requests.slice(0, SHOWN))
    if (request.accessRef !== null) await push(ctx, lines, 'access_log', request.accessRef);
  if (block?.line != null && block.ref !== null)
    lines.push({ source: 'csf', ref: block.ref, text: maskLine(block.line) });
  for (const [index, text] of maskLines(pasted).slice(0, SHOWN).entries()) {
    lines.push({ source: 'mail', ref: { file: PASTED, offset: index }, text });
  }
  return lines;
}

async function push(ctx: Context, lines: RawLine[], source: SourceKind, ref: LineRef): Promise<void> {
  const text = ref.file === PASTED ? null : await ctx.host.lineAt(ref);
  if (text !== null) lines.push({ source, ref, text: maskLine(decodeBytes(text)) });
}

/** The beginning of an audit record, found by its file's fingerprint; empty when the file is gone. */
async function recordText(ctx: Context, ref: LineRef): Promise<string> {
  const file = ctx.host.auditFiles.at(ref.file);
  if (file.problem === null)
    return ref.head === undefined || ref.head === file.head
      ? file.bytes.toString('latin1', 0, SHOWN_BYTES)
      : '';
  for (const log of ctx.host.logs('audit_log')) {
    if (log.problem !== null || (ref.head !== undefined && !(await ctx.host.hasHead(log, ref.head))))
      continue;
    for await (const chunk of ctx.host.readChunks(log, ref.offset, SHOWN_BYTES))
      return chunk.bytes.toString('latin1');
  }
  return '';
}

async function pushRecord(ctx: Context, lines: RawLine[], ref: LineRef): Promise<void> {
  const text = await recordText(ctx, ref);
  const end = /^-{2,3}[0-9A-Za-z]{8}-{1,3}[CE]--/m.exec(text)?.index ?? text.length;
  if (text === '') return;
  const shown = text.slice(0, end).split(/\r?\n/).slice(0, AUDIT_LINES);
  lines.push({
    source: 'audit_log',
    ref,
    text: shown
      .map((line) => maskAuditLine(decodeBytes(line)))
      .join('\n')
      .trimEnd(),
  });
}
