// Hostile and innocent texts in the fields of a visitor who browses like a person: no hostile text ever makes a false
// alarm, and no innocent text is hostile, whatever rule reacted to it.
import { describe, expect, test } from '@jest/globals';
import { judgeIncident } from '../../../src/analyse/judge.ts';
import { findValues } from '../../../src/analyse/values.ts';
import type { ValueFinding } from '../../../src/model.ts';
import { blocked, browsingLines, context, hit, input, rawHit, request, transaction } from '../fixtures.ts';
import { HOSTILE, UNEXPLAINED } from '../hostile/all.ts';
import { ANYWHERE, IN_TEXTS } from '../innocent/all.ts';

interface Place {
  readonly name: string;
  readonly where: 'query' | 'body';
}

const PLACES: readonly Place[] = [
  { name: 'id', where: 'query' },
  { name: 'q', where: 'query' },
  { name: 'message', where: 'body' },
  { name: 'pwd', where: 'body' },
];
const MESSAGE: Place = { name: 'message', where: 'body' };
const PATH = '/contact.php';

/** What is found in one value that a rule reacted to; without `record` only the data of the hit shows it. */
function look(text: string, { name, where }: Place, rule: string, record = true): ValueFinding[] {
  const data = `Matched Data: x found within ARGS:${name}: ${text}`;
  const hits = [rawHit(rule, { target: `ARGS:${name}`, data })];
  const shown = record
    ? { method: where === 'body' ? 'POST' : 'GET', args: [{ name, value: text, where }], uri: PATH }
    : { method: null, args: [], uri: null };
  return findValues({ path: PATH, headers: [], hits, ...shown }, (value) => value);
}

const browsing = context(browsingLines());

/** The verdict on a visitor who browsed before and after, and whose request with these findings was refused. */
function verdictOn(findings: readonly ValueFinding[], rule: string, record = true): string {
  const refused = transaction('a', 0, {
    path: PATH,
    findings: [...findings],
    hits: [hit(rule), blocked(5)],
    request: record ? request({ uri: PATH, method: 'POST' }) : null,
  });
  return judgeIncident(input({ transactions: [refused], context: browsing })).verdict.label;
}

describe('hostile texts', () => {
  const kinds = Object.entries(HOSTILE);

  test('there are more than 300, all different', () => {
    const all = kinds.flatMap(([, { texts }]) => texts);
    expect(new Set(all).size).toBe(all.length);
    expect(all.length).toBeGreaterThan(300);
  });

  test.each(kinds)(
    '%s: hostile in id, q, message and pwd, with a record and without',
    (_kind, { rule, texts }) => {
      const missed = texts.flatMap((text) =>
        PLACES.flatMap((place) =>
          [true, false]
            .filter(
              (record) => !look(text, place, rule, record).some((finding) => finding.outcome === 'hostile'),
            )
            .map((record) => [text, place.name, record]),
        ),
      );
      expect(missed).toEqual([]);
    },
  );

  test.each(kinds)('%s: the visitor is never a false alarm', (_kind, { rule, texts }) => {
    const passed = texts.flatMap((text) =>
      PLACES.flatMap((place) =>
        [true, false]
          .filter((record) => verdictOn(look(text, place, rule, record), rule, record) === 'false-positive')
          .map((record) => [text, place.name, record]),
      ),
    );
    expect(passed).toEqual([]);
  });

  test('texts that no grammar knows stop a false alarm, too', () => {
    const passed = UNEXPLAINED.flatMap((text) =>
      PLACES.filter((place) => verdictOn(look(text, place, '942100'), '942100') === 'false-positive').map(
        (place) => [text, place.name],
      ),
    );
    expect(passed).toEqual([]);
  });

  test('a text around it does not hide what runs by itself or leaves its field', () => {
    const around = (text: string): string =>
      `Dobrý deň, prosím Vás o pomoc ${text} ďakujem a prajem pekný deň`;
    const kept = ['elements', 'handlers']
      .flatMap((kind) => HOSTILE[kind]!.texts)
      .filter((text) => text !== '<script>');
    const hidden = kept.filter(
      (text) => !look(around(text), MESSAGE, '941100').some((finding) => finding.outcome === 'hostile'),
    );
    expect(hidden).toEqual([]);
  });
});

describe('innocent texts', () => {
  const kinds = [...Object.entries(ANYWHERE), ['in texts', IN_TEXTS] as const];
  const rules = ['942100', '941100', '932100', '930110'];

  test('there are more than 400, all different', () => {
    const all = kinds.flatMap(([, texts]) => texts);
    expect(new Set(all).size).toBe(all.length);
    expect(all.length).toBeGreaterThan(400);
  });

  test.each(kinds)('%s: never hostile', (kind, texts) => {
    const places = kind === 'in texts' ? [MESSAGE] : PLACES;
    const fired = texts.flatMap((text) =>
      places.flatMap((place) =>
        rules.flatMap((rule) =>
          [true, false]
            .flatMap((record) => look(text, place, rule, record))
            .filter((finding) => finding.outcome === 'hostile')
            .map((finding) => [text, place.name, rule, finding.grammar]),
        ),
      ),
    );
    expect(fired).toEqual([]);
  });

  test('most texts that people write into a form are explained, and their writer is a false alarm', () => {
    const { SLOVAK, CZECH, POLISH, RUSSIAN, GERMAN, HUNGARIAN, FRENCH, ENGLISH } = ANYWHERE;
    const texts = [SLOVAK, CZECH, POLISH, RUSSIAN, GERMAN, HUNGARIAN, FRENCH, ENGLISH].flatMap(
      (list) => list ?? [],
    );
    const freed = texts.filter(
      (text) => verdictOn(look(text, MESSAGE, '932100'), '932100') === 'false-positive',
    );
    expect(freed.length).toBeGreaterThan(texts.length * 0.8);
  });
});
