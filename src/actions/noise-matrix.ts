// The noise matrix: different visitors of each rule on each vhost, the busiest of both.
import type { CauseQuery } from '../store/cause-list.ts';
import { type CauseDesk, titleOf, toneOf } from './cause-rows.ts';
import type { MatrixCell, NoiseMatrix } from './causes-view.ts';

const MOST = { vhosts: 20, rules: 12 } as const;

/** At most 20 vhosts by 12 rules, those with most ordinary visitors first. */
export function noiseMatrix(desk: CauseDesk, only: Pick<CauseQuery, 'vhost' | 'ruleId'>): NoiseMatrix {
  const { vhosts, rules, cells, allVhosts, allRules } = desk.ctx.store.causeCells.matrix(only, MOST);
  const byPlace = new Map(
    cells.map((cell): [string, MatrixCell] => [
      `${cell.ruleId} ${cell.vhost}`,
      { ruleId: cell.ruleId, visitors: cell.visitors, tone: toneOf(cell), causeId: cell.cause },
    ]),
  );
  return {
    rules: rules.map((id) => ({ id, title: titleOf(desk, id) })),
    rows: vhosts.map((vhost) => ({ vhost, cells: rules.map((id) => byPlace.get(`${id} ${vhost}`) ?? null) })),
    moreVhosts: allVhosts - vhosts.length,
    moreRules: allRules - rules.length,
  };
}
