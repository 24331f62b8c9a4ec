// What only a request through WHM can show: cPanel's documentation leaves open what cpsrvd gives a CGI program.
import { type Check, checksOf, type WhmSeen } from './doctor-view.ts';

/** Names that the bridge needs, and what each is for. */
const NEEDED: readonly (readonly [string, string])[] = [
  ['REMOTE_USER', 'who acts stands in the activity'],
  ['cp_security_token', 'forms are bound to the WHM session'],
  ['QUERY_STRING', 'it names the page'],
  ['REQUEST_METHOD', 'forms are told from links'],
  ['REMOTE_ADDR', 'the address stands in the activity'],
];

export const BODY_TRIAL = 'body';
export const SLOW_TRIAL = 'slow';
export const REDIRECT_TRIAL = 'redirect';
/** Characters that the page's big form sends: a little less than the limit of the bridge, 1 MiB. */
export const BODY_BYTES = 1_040_000;
export const SLOW_SECONDS = 30;

const UNSEEN = 'Open WHM » Plugins » Whyblocked » Self-test and press its buttons.';

/** `when`: the time in words. */
export function whmChecks(seen: WhmSeen | null, when: (at: number) => string): Check[] {
  const check = checksOf('whm');
  if (seen === null)
    return [
      check('whm', 'Through WHM', {
        state: 'unknown',
        found: 'no page was asked for through WHM yet',
        means: 'What cpsrvd passes on can only be seen there.',
        mend: UNSEEN,
      }),
    ];
  return [
    check('whm', 'Through WHM', {
      state: 'ok',
      found: `last seen ${when(seen.at)}`,
      means: 'The bridge and the service talk to each other.',
    }),
    namesCheck(seen),
    factsCheck(seen),
    check('chrome', 'WHM’s header and menu', {
      state: seen.chrome ? 'ok' : 'info',
      found: seen.chrome ? 'put around the pages' : 'not put around the pages',
      means: seen.chrome
        ? 'WHM’s own scripts run in these pages, so their policy is the weaker one; the page alone keeps the strict one.'
        : 'The pages stand alone under the strict policy.',
    }),
    trialCheck(seen, when, {
      id: BODY_TRIAL,
      title: 'A form of 1 MiB',
      good: `${BODY_BYTES} characters arrived`,
      bad: 'Long mails that are pasted may be cut off. Paste only the lines that matter.',
    }),
    trialCheck(seen, when, {
      id: SLOW_TRIAL,
      title: `An answer after ${SLOW_SECONDS} s`,
      good: 'it came back',
      bad: 'WHM ends slow answers early. Searches and changes go on all the same: their pages ask again every second.',
    }),
    trialCheck(seen, when, {
      id: REDIRECT_TRIAL,
      title: 'A redirect',
      good: 'followed, with WHM’s token kept',
      bad: 'After a form the page may ask you to sign in again. What was ordered is done: see Activity.',
    }),
  ];
}

function namesCheck({ names }: WhmSeen): Check {
  const check = checksOf('whm');
  if (names === null)
    return check('names', 'Environment', {
      state: 'unknown',
      found: 'the bridge did not tell',
      means: 'Only the self-test page is told the names of the bridge’s environment.',
      mend: UNSEEN,
    });
  const missing = NEEDED.filter(([name]) => !names.includes(name));
  return check('names', 'Environment', {
    state: missing.length === 0 ? 'ok' : 'fail',
    found: names.join(' '),
    means:
      missing.length === 0
        ? 'cpsrvd gives what the bridge needs. Passwords and cookies among these names are never passed on.'
        : `Missing: ${missing.map(([name, why]) => `${name} (${why})`).join(', ')}.`,
    mend: missing.length === 0 ? null : 'Send us this report: this WHM calls programs in another way.',
  });
}

const FACTS: Readonly<Record<string, string>> = {
  'script=cpsess': 'SCRIPT_NAME holds the session’s part',
  'script=plain': 'SCRIPT_NAME comes without the session’s part',
  'uri=cpsess': 'REQUEST_URI holds the session’s part',
  'uri=plain': 'REQUEST_URI comes without the session’s part',
  'path-info=works': 'PATH_INFO works behind the program’s name',
};

/** Nothing depends on these: they settle what no documentation says. */
function factsCheck({ facts }: WhmSeen): Check {
  const words = facts.flatMap((fact) => FACTS[fact] ?? []);
  return checksOf('whm')('facts', 'Addresses', {
    state: words.length === 0 ? 'unknown' : 'info',
    found: words.length === 0 ? 'not seen' : words.join('; '),
    means: 'Nothing depends on it: pages are named by the query, and all links are relative.',
  });
}

function trialCheck(
  { trials }: WhmSeen,
  when: (at: number) => string,
  {
    id,
    title,
    good,
    bad,
  }: { readonly id: string; readonly title: string; readonly good: string; readonly bad: string },
): Check {
  const check = checksOf('whm');
  const trial = trials[id];
  if (trial === undefined)
    return check(id, title, {
      state: 'unknown',
      found: 'not tried',
      means: 'Nobody pressed its button yet.',
      mend: UNSEEN,
    });
  if (trial.result === 'ok')
    return check(id, title, { state: 'ok', found: `${good}, ${when(trial.at)}`, means: 'Nothing to do.' });
  return check(id, title, {
    state: 'warn',
    found: `${trial.result ?? 'it never came back'}, ${when(trial.at)}`,
    means: bad,
  });
}
