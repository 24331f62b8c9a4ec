// Plain words for whole families of rules, by range of their ids (CRS 3 and 4, and the ids that vendors use).

export interface RuleFamily {
  readonly from: number;
  readonly to: number;
  /** A few words for a rule of the family that has none of its own. */
  readonly title: string;
  /** What these rules look for, and what else may look like it. */
  readonly words: string;
}

const family = (from: number, to: number, title: string, words: string): RuleFamily => ({
  from,
  to,
  title,
  words,
});

/** In order of ids, without overlaps; the longest range of a vendor stands for all it has not split. */
export const FAMILIES: readonly RuleFamily[] = [
  family(
    1,
    99_999,
    'A rule of this server',
    'Ids up to 99999 are for the administrator’s own rules; what it looks for is in its text below.',
  ),
  family(
    200_000,
    200_199,
    'How a body is read',
    'It chooses how the body of a request is read, or refuses a body that cannot be read: broken XML, JSON or form data, or one that is longer than the configuration allows.',
  ),
  family(
    200_200,
    299_999,
    'A Comodo rule',
    'A rule of the Comodo (CWAF) set. That set has no common score: each rule refuses by itself.',
  ),
  family(
    300_000,
    399_999,
    'An Atomicorp rule',
    'A rule of the Atomicorp (gotroot) set. Each rule refuses by itself.',
  ),
  family(
    900_000,
    900_999,
    'A setting of CRS',
    'It sets up the Core Rule Set: thresholds, paranoia level, allowed methods and types. It looks at no request and refuses none.',
  ),
  family(
    901_000,
    901_999,
    'A start value of CRS',
    'It gives the variables of the Core Rule Set their start values. It scores nothing and refuses nothing.',
  ),
  family(
    903_000,
    903_999,
    'An exception for an application',
    'It takes single rules off for a known application (WordPress, Drupal, Nextcloud and others) when the setup asks for that. It scores nothing.',
  ),
  family(
    905_000,
    905_999,
    'A common exception',
    'It lets the server’s own requests pass, such as Apache’s internal connections. It scores nothing.',
  ),
  family(
    910_000,
    910_999,
    'The address has a bad name',
    'It asks whether the visitor’s address is on a block list, comes from a country that was chosen, or was caught before. It says nothing of the request itself.',
  ),
  family(
    911_000,
    911_999,
    'A method that is not allowed',
    'It compares the request’s method with the list of allowed ones (GET, HEAD, POST, OPTIONS unless set otherwise). Programs that use PUT, DELETE or PATCH, such as REST interfaces and WebDAV, are caught by it.',
  ),
  family(
    912_000,
    912_999,
    'Too many requests',
    'It counts requests of one address and refuses for a while when there are too many in a short time. Busy pages, and many people behind one address, look the same.',
  ),
  family(
    913_000,
    913_999,
    'A scanner’s mark',
    'It looks for names and headers that security scanners and some scripts send. Visitors with a browser do not send them; monitoring and own scripts may.',
  ),
  family(
    920_000,
    920_999,
    'Against the rules of HTTP',
    'It checks the form of the request: headers that are missing, empty, doubled or odd, broken encodings, file types and sizes. Simple scripts and old programs break these rules as often as attacks do.',
  ),
  family(
    921_000,
    921_999,
    'An attack on HTTP itself',
    'It looks for line ends, header names and second requests hidden in values, by which a request would be split or a header forged. Texts of several lines may look like that.',
  ),
  family(
    922_000,
    922_999,
    'An odd part of an upload form',
    'It checks the headers of the parts of a multipart form: character sets and encodings that browsers do not use there.',
  ),
  family(
    930_000,
    930_999,
    'A path to a foreign file',
    'It looks for ways out of the web folder (`../`) and for names of system and configuration files. Texts that name such files, and file managers, look the same.',
  ),
  family(
    931_000,
    931_999,
    'A foreign address to load from',
    'It looks for web addresses in arguments, from which a careless program would load code. Forms with a field for a link send them as a matter of course.',
  ),
  family(
    932_000,
    932_999,
    'Text read as shell commands',
    'It looks for commands of Unix, Windows and PowerShell in values, and for signs that would start them. Texts with semicolons, brackets or words such as “time” and “who” may look like that.',
  ),
  family(
    933_000,
    933_999,
    'Text read as PHP',
    'It looks for PHP code: opening tags, names of functions and variables, settings, packed objects, uploads of PHP files. Editors for themes and plugins send such code on purpose.',
  ),
  family(
    934_000,
    934_999,
    'Text read as a program',
    'It looks for code of JavaScript on servers and, in CRS 4, of Ruby, Perl and templates, and for addresses inside the server’s own network.',
  ),
  family(
    941_000,
    941_999,
    'Text read as HTML or script',
    'It looks for HTML and JavaScript that would run in the browser of the next reader. Editors that send formatted text send HTML with every save.',
  ),
  family(
    942_000,
    942_999,
    'Text read as SQL',
    'It looks for pieces of database commands: quotes, comparisons, comments and words such as select and union. Ordinary sentences, encoded cookies and search forms may look like that.',
  ),
  family(
    943_000,
    943_999,
    'A session forced on a visitor',
    'It looks for session names in addresses and forms, by which a visitor could be given somebody else’s session.',
  ),
  family(
    944_000,
    944_999,
    'Text read as Java',
    'It looks for names of Java classes, packed Java objects and lookups such as Log4Shell’s. Sites without Java have nothing to lose, yet are asked all the same.',
  ),
  family(
    949_000,
    949_999,
    'It only adds up',
    'It adds the points of the rules that matched before it and refuses the request when they reach the threshold. It looks for nothing by itself.',
  ),
  family(
    950_000,
    950_999,
    'The answer gives something away',
    'It reads the server’s answer: listings of folders, source code, error answers. It points to something in the site, not to the visitor.',
  ),
  family(
    951_000,
    951_999,
    'A database error in the answer',
    'It reads the server’s answer and looks for error texts of databases. A page that shows one is broken or was attacked.',
  ),
  family(
    952_000,
    952_999,
    'Java in the answer',
    'It reads the server’s answer and looks for Java source code and Java error texts.',
  ),
  family(
    953_000,
    953_999,
    'PHP in the answer',
    'It reads the server’s answer and looks for PHP error texts and PHP source code. A warning of PHP in the page is enough.',
  ),
  family(
    954_000,
    954_999,
    'A Windows server in the answer',
    'It reads the server’s answer and looks for error texts and paths of Microsoft’s web server.',
  ),
  family(
    955_000,
    955_999,
    'A planted shell in the answer',
    'It reads the server’s answer and looks for the pages of known web shells. A hit means that the site may have been broken into.',
  ),
  family(
    956_000,
    956_999,
    'Ruby in the answer',
    'It reads the server’s answer and looks for Ruby error texts and source code.',
  ),
  family(
    959_000,
    959_999,
    'It only adds up, for answers',
    'It adds the points of the rules that matched the server’s answer and holds the answer back when they reach the threshold. It looks for nothing by itself.',
  ),
  family(
    980_000,
    980_999,
    'It only reports',
    'It writes the sum of a request’s points into the log once the request is over. It refuses nothing.',
  ),
  family(
    999_000,
    999_999,
    'Taken off at the end',
    'It belongs to the file for exceptions that is read after all other rules of CRS.',
  ),
];
