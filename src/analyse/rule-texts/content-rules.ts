// Finer titles, and a sentence where it helps, for rules on script, SQL, sessions, Java, answers and sums
// (ids from 941000 on).
import type { RuleText } from './rule-text.ts';

export const CONTENT_RULES: readonly (readonly [string, RuleText])[] = [
  [
    '941100',
    {
      title: 'Text read as script',
      words: 'The library libinjection reads the value as HTML that runs script.',
    },
  ],
  ['941101', { title: 'A Referer read as script' }],
  ['941110', { title: 'A script tag' }],
  ['941120', { title: 'An event attribute', words: 'Words such as onclick= or onload=.' }],
  ['941130', { title: 'An attribute that loads or runs something' }],
  ['941140', { title: 'A javascript: address' }],
  ['941150', { title: 'An HTML attribute' }],
  ['941160', { title: 'HTML tags', words: 'Tags such as script, iframe, form, img or style in a value.' }],
  ['941170', { title: 'An attribute with code' }],
  [
    '941180',
    { title: 'Words of scripts', words: 'Words such as document.cookie or .parentNode from a list.' },
  ],
  ['941320', { title: 'Any HTML tag' }],
  ['941330', { title: 'Script after a quote' }],
  ['941340', { title: 'Script after a quote' }],
  [
    '942100',
    {
      title: 'Text read as SQL',
      words: 'The library libinjection reads the value as a piece of an SQL statement.',
    },
  ],
  ['942110', { title: 'A quote at the beginning or end' }],
  ['942120', { title: 'An SQL operator' }],
  ['942130', { title: 'A comparison that is always true' }],
  ['942140', { title: 'A name of a database catalogue' }],
  ['942150', { title: 'An SQL function' }],
  ['942160', { title: 'sleep() or benchmark()' }],
  ['942170', { title: 'SQL that waits' }],
  ['942180', { title: 'A login bypass by SQL' }],
  [
    '942190',
    {
      title: 'SQL that asks around or runs commands',
      words: 'Words such as union select, user() or database(), and a quote before select or having.',
    },
  ],
  ['942200', { title: 'SQL hidden by commas and comments' }],
  ['942210', { title: 'Several SQL conditions' }],
  ['942220', { title: 'A number that overflows' }],
  ['942230', { title: 'SQL with a condition' }],
  ['942240', { title: 'SQL that changes the character set' }],
  ['942250', { title: 'SQL that merges or executes' }],
  ['942260', { title: 'A login bypass by SQL' }],
  ['942270', { title: 'union select … from' }],
  ['942280', { title: 'SQL that waits or shuts down' }],
  ['942290', { title: 'A MongoDB operator', words: 'Names such as [$ne] in arguments.' }],
  ['942300', { title: 'SQL comments and conditions' }],
  ['942310', { title: 'Several SQL conditions' }],
  ['942320', { title: 'A stored procedure' }],
  ['942330', { title: 'A probe for SQL' }],
  ['942340', { title: 'A login bypass by SQL' }],
  ['942350', { title: 'SQL that changes tables' }],
  ['942360', { title: 'Words of SQL at a beginning' }],
  ['942370', { title: 'A probe for SQL' }],
  [
    '942430',
    {
      title: 'Many special signs',
      words:
        'It counts quotes, brackets, commas and the like in one value; twelve are enough. JSON and long texts have them.',
    },
  ],
  ['942431', { title: 'Many special signs', words: 'As 942430; six are enough.' }],
  ['942432', { title: 'Many special signs', words: 'As 942430; two are enough.' }],
  [
    '942440',
    {
      title: 'An SQL comment',
      words: 'Signs such as -- , # or /* in a value. Names with two hyphens and encoded values have them.',
    },
  ],
  ['942450', { title: 'A number written as 0x…' }],
  [
    '942460',
    {
      title: 'The same sign four times',
      words: 'Four or more signs that are no letters in a row, such as ---- or ....',
    },
  ],
  ['942500', { title: 'A MySQL comment' }],
  ['942510', { title: 'Text between backquotes' }],
  ['943100', { title: 'A cookie set by HTML' }],
  ['943110', { title: 'A session name from another site' }],
  ['943120', { title: 'A session name without a Referer' }],
  ['944100', { title: 'A Java class that runs commands' }],
  ['944110', { title: 'Java that starts a program' }],
  ['944120', { title: 'A packed Java object' }],
  ['944130', { title: 'A Java class' }],
  ['944150', { title: 'A Log4j lookup' }],
  [
    '949110',
    {
      title: 'It only adds up',
      words: 'It is the line that lfd counts and mails quote, because it alone says that access was denied.',
    },
  ],
  [
    '949111',
    {
      title: 'It only adds up, early',
      words:
        'It adds up after the headers already, before the body is read (CRS 4, when the setup asks for it).',
    },
  ],
  ['949100', { title: 'Caught before' }],
  ['950100', { title: 'An answer of 500 or above' }],
  ['950130', { title: 'A listing of a folder' }],
  ['953100', { title: 'A PHP error in the answer' }],
  ['953110', { title: 'PHP source in the answer' }],
  ['953120', { title: 'PHP source in the answer' }],
  ['959100', { title: 'It only adds up, for answers' }],
  ['980130', { title: 'It only reports', words: 'One line with the sum of a refused request (CRS 3).' }],
  ['980140', { title: 'It only reports, for answers' }],
  ['980170', { title: 'It only reports', words: 'One line with all sums of a request (CRS 4).' }],
];
