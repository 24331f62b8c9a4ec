// A sheet as HTML for mail programs: inline styles only, nothing that is loaded, readable in light and dark and on a narrow screen.
// Colours of text and ground are left to the program; the few of our own are read on both.
import { cleanText } from './clean.ts';
import type { Sheet, SheetItem, SheetLink, SheetPart, SheetSection, Standing } from './sheet.ts';

const FONT = "-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif";
const MONO = "ui-monospace,Consolas,Menlo,'DejaVu Sans Mono',monospace";
const LINE = '#8a8f98';
/** White text on them has at least 4.5:1. */
const TONES: Readonly<Record<Sheet['tone'], string>> = {
  attack: '#b42318',
  'false-positive': '#1f6fb2',
  unclear: '#7a5a00',
  local: '#4a5568',
  'not-attributable': '#4a5568',
  calm: '#2e7d32',
};
const BREAK = 'overflow-wrap:anywhere;word-break:break-word';

/** The document. */
export function sheetHtml(sheet: Sheet): string {
  const foot = sheet.foot.map((line) => `<p style="margin:0 0 4px">${escaped(line, 2000)}</p>`).join('\n');
  return [
    '<!DOCTYPE html>',
    '<html lang="en" style="color-scheme:light dark">',
    '<head>',
    '<meta http-equiv="Content-Type" content="text/html; charset=utf-8">',
    '<meta name="viewport" content="width=device-width,initial-scale=1">',
    '<meta name="color-scheme" content="light dark">',
    '<meta name="format-detection" content="telephone=no,date=no,address=no,email=no,url=no">',
    `<title>${escaped(sheet.badge)}</title>`,
    '</head>',
    `<body style="margin:0;padding:0;font-family:${FONT};font-size:15px;line-height:22px">`,
    `<div role="main" style="max-width:640px;margin:0 auto;padding:16px;${BREAK}">`,
    `<p style="margin:0 0 12px"><span style="display:inline-block;padding:2px 10px;border-radius:4px;background-color:${TONES[sheet.tone]};color:#ffffff;font-size:13px;font-weight:600">${escaped(sheet.badge)}</span></p>`,
    `<h1 style="margin:0 0 8px;font-size:20px;line-height:28px;font-weight:600">${escaped(sheet.title)}</h1>`,
    `<p style="margin:0 0 8px">${escaped(sheet.lead, 2000)}</p>`,
    ...sheet.sections.map(sectionHtml),
    `<div style="margin:24px 0 0;padding:12px 0 0;border-top:1px solid ${LINE};font-size:13px;line-height:18px;opacity:.8">`,
    foot,
    '</div>',
    '</div>',
    '</body>',
    '</html>',
    '',
  ].join('\n');
}

function sectionHtml({ heading, parts }: SheetSection): string {
  return [
    `<h2 style="margin:24px 0 8px;padding:0 0 4px;border-bottom:1px solid ${LINE};font-size:16px;line-height:24px;font-weight:600">${escaped(heading)}</h2>`,
    ...parts.map(partHtml),
  ].join('\n');
}

function partHtml(part: SheetPart): string {
  switch (part.kind) {
    case 'text':
      return `<p style="margin:0 0 8px${part.isStrong ? ';font-weight:600' : ''}">${escaped(part.text, 2000)}</p>`;
    case 'items':
      return listed(part.items.map(itemHtml));
    case 'facts':
      return part.facts.map(factHtml).join('\n');
    case 'commands':
      return part.commands
        .map(
          (command) =>
            `<pre style="margin:0 0 8px;padding:8px 12px;border:1px solid ${LINE};border-radius:4px;font-family:${MONO};font-size:13px;line-height:20px;white-space:pre-wrap;${BREAK}">${commandHtml(command)}</pre>`,
        )
        .join('\n');
    default:
      return listed(part.links.map(linkHtml));
  }
}

/** Options are not broken at their hyphens. */
function commandHtml(command: string): string {
  return escaped(command).replace(
    /(^| )(--?[a-z-]+)(?= |$)/g,
    '$1<span style="white-space:nowrap">$2</span>',
  );
}

function listed(items: readonly string[]): string {
  const lines = items.map((html) => `<li style="margin:0 0 6px;padding:0">${html}</li>`);
  return `<ul style="margin:0 0 8px;padding:0 0 0 18px">\n${lines.join('\n')}\n</ul>`;
}

function itemHtml({ mark, text, basis, isCode, href }: SheetItem): string {
  const name = mark === null || href === null ? escaped(mark ?? '') : linkHtml({ text: mark, href });
  const start = mark === null ? '' : `<b style="font-weight:600;white-space:nowrap">${name}</b> `;
  const words = isCode
    ? `<span style="font-family:${MONO};font-size:13px;${BREAK}">${escaped(text)}</span>`
    : escaped(text);
  return `${start}${words}${basis === null ? '' : ` ${basisHtml(basis)}`}`;
}

function basisHtml(basis: Standing): string {
  const line = basis === 'known' ? 'solid' : 'dashed';
  return `<span style="padding:0 5px;border:1px ${line} ${LINE};border-radius:3px;font-size:12px;line-height:16px;white-space:nowrap">${basis}</span>`;
}

function factHtml([name, value]: readonly [string, string]): string {
  return `<p style="margin:0 0 4px"><span style="opacity:.8">${escaped(name)}:</span> ${escaped(value)}</p>`;
}

function linkHtml({ text, href }: SheetLink): string {
  return href === null
    ? escaped(text)
    : `<a href="${attribute(href)}" style="color:inherit;text-decoration:underline">${escaped(text)}</a>`;
}

/** Cleaned, then escaped: may stand in the text of an element. */
function escaped(text: string, most?: number): string {
  return cleanText(text, most).replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}

/** Addresses are our own; what stands in their queries is percent-encoded. */
function attribute(href: string): string {
  return href.replace(/[^\x21-\x7e]/g, '').replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}
