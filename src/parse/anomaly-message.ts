// The CRS rules that only add up: their totals, thresholds and points per class, out of message and operator.

/** What a summing rule's line tells. Points are whole numbers; null where the line does not say. */
export interface AnomalyMessage {
  readonly total: number | null;
  readonly threshold: number | null;
  /** Points per attack class by the name the line uses, e.g. `{ SQLI: 5, XSS: 0 }`. */
  readonly perClass?: Readonly<Record<string, number>>;
  readonly direction: 'inbound' | 'outbound';
}

const OUTBOUND = new Set(['959100', '959101', '980140', '980150', '214940']);
const INBOUND = new Set([
  '949110',
  '949111',
  '980100',
  '980110',
  '980120',
  '980130',
  '980160',
  '980170',
  '214930',
]);

/** 2.9's `Operator GE matched 5 at TX:…`, 3.x's `Matched "Operator `Ge' with parameter `5' against variable `TX:…`. */
const THRESHOLD =
  /^(?:Operator G[ET] matched |Matched "Operator `G[et]' with parameter `)(\d{1,6})(?: at |' against variable `)TX:/;

function numberIn(text: string, expression: RegExp): number | null {
  const digits = expression.exec(text)?.[1];
  return digits === undefined ? null : Number(digits);
}

function classesIn(text: string): Record<string, number> | undefined {
  const found = [...text.matchAll(/\b([A-Z]{3,14}(?:_[A-Z]{1,10})?)=(\d{1,6})/g)];
  const classes = found.filter(([, name]) => name !== 'COMBINED_SCORE');
  if (classes.length === 0) return undefined;
  return Object.fromEntries(classes.map(([, name, points]) => [name ?? '', Number(points)]));
}

/** CRS 4's 980170 has a part for each direction; it is outbound's when only that one reached its threshold. */
function readBoth(text: string): AnomalyMessage {
  const [inbound, outbound] = text.split('(Outbound Scores:', 2).map((side) => ({
    total: numberIn(side, /\bblocking=(\d{1,6})/),
    threshold: numberIn(side, /\bthreshold=(\d{1,6})/),
  }));
  const reached = (side: typeof inbound): boolean =>
    typeof side?.total === 'number' && side.threshold !== null && side.total >= side.threshold;
  const direction = reached(outbound) && !reached(inbound) ? 'outbound' : 'inbound';
  const perClass = classesIn(text);
  const side = (direction === 'outbound' ? outbound : inbound) ?? { total: null, threshold: null };
  return { ...side, ...(perClass && { perClass }), direction };
}

/**
 * Reads the totals of a summing rule (949110, 949111, 959100, 980130, 980140, 980170 and their kin in CRS 3.0
 * to 4.x; Comodo's 214930 and 214940). `message` is its [msg] text, `operator` its operator text, both as RuleHit has them:
 * in `Operator GE matched 5 at TX:…` the 5 is the threshold. Null when the rule is none of these.
 */
export function parseAnomalyMessage(
  ruleId: string,
  message: string,
  operator: string,
): AnomalyMessage | null {
  const outbound = OUTBOUND.has(ruleId);
  if (!outbound && !INBOUND.has(ruleId)) return null;
  const text = message.slice(0, 2000);
  if (text.includes('(Inbound Scores:')) return readBoth(text);
  const total =
    numberIn(text, /\bTotal (?:Inbound |Outbound |Incoming |Outgoing )?(?:Score|Points): ?(\d{1,6})/) ??
    numberIn(text, /\bblocking=(\d{1,6})/);
  const threshold = numberIn(text, /\bthreshold=(\d{1,6})/) ?? numberIn(operator.slice(0, 200), THRESHOLD);
  const perClass = classesIn(text);
  return { total, threshold, ...(perClass && { perClass }), direction: outbound ? 'outbound' : 'inbound' };
}
