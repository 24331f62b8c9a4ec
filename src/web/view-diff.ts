// Two texts of a file side by side, as runs of lines that stayed, went or came.

/** Lines in a row with the same fate, joined by line feeds. */
export interface DiffChunk {
  readonly kind: 'same' | 'gone' | 'new';
  readonly text: string;
}

function chunk(kind: DiffChunk['kind'], lines: readonly string[]): readonly DiffChunk[] {
  return lines.length === 0 ? [] : [{ kind, text: lines.join('\n') }];
}

function linesOf(text: string): readonly string[] {
  return text === '' ? [] : text.replace(/\n$/, '').split('\n');
}

/**
 * What becomes of a file: the lines both texts begin and end with stay, those between go and come. All is new without a
 * text before, all is gone without one after. It is never wrong, only coarser than it could be.
 */
export function fileChunks(before: string | null, after: string | null): readonly DiffChunk[] {
  const [old, young] = [linesOf(before ?? ''), linesOf(after ?? '')];
  const most = Math.min(old.length, young.length);
  let head = 0;
  while (head < most && old[head] === young[head]) head++;
  let tail = 0;
  while (tail < most - head && old[old.length - 1 - tail] === young[young.length - 1 - tail]) tail++;
  return [
    ...chunk('same', young.slice(0, head)),
    ...chunk('gone', old.slice(head, old.length - tail)),
    ...chunk('new', young.slice(head, young.length - tail)),
    ...chunk('same', young.slice(young.length - tail)),
  ];
}

function kindOf(line: string): DiffChunk['kind'] {
  if (/^(?:---|\+\+\+) /.test(line)) return 'same';
  if (line.startsWith('+')) return 'new';
  return line.startsWith('-') ? 'gone' : 'same';
}

/** The runs of a unified diff; empty for an empty one. */
export function patchChunks(patch: string): readonly DiffChunk[] {
  const chunks: { kind: DiffChunk['kind']; lines: string[] }[] = [];
  for (const line of linesOf(patch)) {
    const kind = kindOf(line);
    const last = chunks.at(-1);
    if (last?.kind === kind) last.lines.push(line);
    else chunks.push({ kind, lines: [line] });
  }
  return chunks.map(({ kind, lines }) => ({ kind, text: lines.join('\n') }));
}
