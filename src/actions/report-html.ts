// A report as a fragment of HTML: headings, paragraphs, lists, tables and code alone, without attributes, all text escaped.
import type { Report, ReportBlock, Span, Spans } from './report-view.ts';

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** The whole report. */
export function htmlOf({ title, sections }: Report): string {
  const parts = sections.map(({ heading, blocks }) =>
    [`<h3>${escaped(heading)}</h3>`, ...blocks.map(blockOf)].join('\n'),
  );
  return `${[`<h2>${line(title)}</h2>`, ...parts].join('\n')}\n`;
}

function blockOf(block: ReportBlock): string {
  switch (block.kind) {
    case 'text':
      return `<p>${line(block.spans)}</p>`;
    case 'task':
      return `<p>[ ] ${line(block.spans)}</p>`;
    case 'list':
      return ['<ul>', ...block.items.map((item) => `<li>${line(item)}</li>`), '</ul>'].join('\n');
    case 'table':
      return tableOf(block.head, block.rows);
    default:
      return `<pre><code>${escaped(block.text, true)}</code></pre>`;
  }
}

function tableOf(head: readonly string[], rows: readonly (readonly Spans[])[]): string {
  const names = head.map((name) => `<th>${escaped(name)}</th>`).join('');
  const lines = rows.map((cells) => `<tr>${cells.map((cell) => `<td>${line(cell)}</td>`).join('')}</tr>`);
  return ['<table>', `<tr>${names}</tr>`, ...lines, '</table>'].join('\n');
}

function line(spans: Spans): string {
  return spans.map(spanOf).join('');
}

function spanOf(span: Span): string {
  return typeof span === 'string' ? escaped(span) : `<code>${escaped(span.value)}</code>`;
}

function escaped(text: string, hasLines = false): string {
  const odd = hasLines ? /[^\P{C}\n]|[\p{Zl}\p{Zp}]/gu : /[\p{C}\p{Zl}\p{Zp}]/gu;
  return text.replace(odd, '\ufffd').replace(/[&<>"']/g, (sign) => ENTITIES[sign] ?? '');
}
