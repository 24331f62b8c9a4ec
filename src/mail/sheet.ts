// A mail before it is text or HTML: both are made of the same pieces, so that both say the same.
import type { VerdictLabel } from '../model.ts';

/** How a statement stands: the words of the pages. */
export type Standing = 'known' | 'inferred' | 'missing';

export interface SheetItem {
  /** In front of it, e.g. `+4.0` or a time. */
  readonly mark: string | null;
  readonly text: string;
  readonly basis: Standing | null;
  /** Set like a log line. */
  readonly isCode: boolean;
  /** Where what is in front of it leads; null: nowhere. */
  readonly href: string | null;
}

/** A link into WHM; without an address of WHM `href` is null, and the words must do. */
export interface SheetLink {
  readonly text: string;
  readonly href: string | null;
}

export type SheetPart =
  | { readonly kind: 'text'; readonly text: string; readonly isStrong: boolean }
  | { readonly kind: 'items'; readonly items: readonly SheetItem[] }
  /** Name and value. */
  | { readonly kind: 'facts'; readonly facts: readonly (readonly [string, string])[] }
  /** Commands to be typed as they are. */
  | { readonly kind: 'commands'; readonly commands: readonly string[] }
  | { readonly kind: 'links'; readonly links: readonly SheetLink[] };

export interface SheetSection {
  readonly heading: string;
  readonly parts: readonly SheetPart[];
}

export interface Sheet {
  /** Above the title, e.g. `Probably a false alarm`; with its colour. */
  readonly badge: string;
  readonly tone: VerdictLabel | 'calm';
  /** The answer as a sentence. */
  readonly title: string;
  readonly lead: string;
  readonly sections: readonly SheetSection[];
  /** Small print, one sentence or more a line. */
  readonly foot: readonly string[];
}

/** A paragraph. */
export function paragraph(text: string): SheetPart {
  return { kind: 'text', text, isStrong: false };
}

/** A paragraph that is read first. */
export function strong(text: string): SheetPart {
  return { kind: 'text', text, isStrong: true };
}

/** One line of a list. */
export function item(text: string, more: Partial<Omit<SheetItem, 'text'>> = {}): SheetItem {
  return { mark: null, basis: null, isCode: false, href: null, ...more, text };
}

/** A section, or nothing where it would be empty. */
export function section(heading: string, parts: readonly (SheetPart | null)[]): SheetSection[] {
  const there = parts.filter((part) => part !== null && !isEmpty(part)).filter((part) => part !== null);
  return there.length === 0 ? [] : [{ heading, parts: there }];
}

function isEmpty(part: SheetPart): boolean {
  switch (part.kind) {
    case 'text':
      return part.text === '';
    case 'items':
      return part.items.length === 0;
    case 'facts':
      return part.facts.length === 0;
    case 'commands':
      return part.commands.length === 0;
    default:
      return part.links.length === 0;
  }
}
