// Rules of the view files, read as text: one escape for all, nothing inline, no address that leaves the prefix.
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';

const FOLDER = new URL('../../views/', import.meta.url);
const NAMES = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' }).filter((name) =>
  name.endsWith('.ejs'),
);
const read = (name: string): string => readFileSync(new URL(name, FOLDER), 'utf8');

test('there are views', () => {
  expect(NAMES.length).toBeGreaterThan(15);
});

test.each(NAMES)('%s', (name) => {
  const source = read(name);
  expect(source).toMatch(/^<%# locals: /);
  const raw = [...source.matchAll(/<%-(?!\s*include\()/g)];
  expect(raw).toHaveLength(0);
  expect(source).not.toMatch(/\sstyle\s*=|\son[a-z]+\s*=|<style|javascript:/i);
  expect(source).not.toMatch(/https?:/i);
  expect(source).not.toMatch(/(?:href|src|action)="\//);
  expect(source).not.toMatch(/<script(?![^>]* src=")/);
  for (const [, code] of source.matchAll(/<%(?![-=#])([\s\S]*?)-?%>/g)) {
    expect(code).toMatch(
      /^\s*(?:if \(.*\) \{|\} else if \(.*\) \{|\} else \{|for \(const .* of .*\) \{|\w[\w.]*\.forEach\(\(\w+(?:, \w+)?\) => \{|\}\)?)\s*$/,
    );
  }
  for (const [, attributes] of source.matchAll(/<[a-z][a-z0-9]*((?:[^<>]|<%[\s\S]*?%>)*)>/g)) {
    const plain = (attributes ?? '').replaceAll(/<%[\s\S]*?%>/g, '');
    expect(plain.replaceAll(/="[^"]*"/g, '')).not.toContain('=');
  }
});

test('stylesheet and script ask for nothing from elsewhere', () => {
  expect(read('assets/whyblocked.css')).not.toMatch(/@import|url\(|https?:/);
  expect(read('assets/whyblocked.js')).not.toMatch(
    /https?:|(?:inner|outer)HTML|insertAdjacentHTML|document\.write|eval|import /,
  );
});
