// A report in one of the forms that tickets take.
import { htmlOf } from './report-html.ts';
import { markdownOf } from './report-markdown.ts';
import { plainTextOf } from './report-plain.ts';
import type { Report } from './report-view.ts';

export type ReportFormat = 'markdown' | 'plain' | 'html';

const RENDERERS: Readonly<Record<ReportFormat, (report: Report) => string>> = {
  markdown: markdownOf,
  plain: plainTextOf,
  html: htmlOf,
};

/** The whole text, with a line feed at its end. */
export function reportText(report: Report, format: ReportFormat): string {
  return RENDERERS[format](report);
}
