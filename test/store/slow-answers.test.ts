// Slow answers are given again for a while, quick ones never.
import { expect, test } from '@jest/globals';
import { SlowAnswers } from '../../src/store/slow-answers.ts';

function busy(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

test('a slow count is not made again at once, a quick one always is', () => {
  const answers = new SlowAnswers();
  let asked = 0;
  const slow = (): number => {
    busy(25);
    return ++asked;
  };
  expect([answers.ask('a', slow), answers.ask('a', slow), answers.ask('b', slow)]).toEqual([1, 1, 2]);
  const quick = (): number => ++asked;
  expect([answers.ask('c', quick), answers.ask('c', quick)]).toEqual([3, 4]);
});

test('it is made again when its time is over', () => {
  const answers = new SlowAnswers();
  let asked = 0;
  const slow = (): number => {
    busy(21);
    return ++asked;
  };
  answers.ask('a', slow);
  busy(480);
  expect(answers.ask('a', slow)).toBe(2);
});
