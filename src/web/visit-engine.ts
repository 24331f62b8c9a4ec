// The engine as one visitor may use it: what is costly is counted, and what he orders is recorded with his address.
import type { ScopeFields } from '../actions/exclusion-view.ts';
import { isRefused } from './problems.ts';
import type { ActRecord, WebEngine } from './web-context.ts';

/** Longer texts are pasted mails and log lines, which take a while to explain. */
const SHORT_TARGET = 253;
const LONGEST_DETAIL = 500;

export interface Visitor {
  readonly who: string;
  readonly address: string | null;
  /** Called before anything costly; throws when it is too much. */
  readonly spend: () => void;
  readonly record: (row: ActRecord) => void;
}

function scopeText({ kind, ruleId, tag, target, path, vhost }: ScopeFields): string {
  const parts = [ruleId === null ? null : `rule ${ruleId}`, tag === null ? null : `tag ${tag}`, target, path];
  return `${kind}: ${parts.filter((part) => part !== null).join(', ')} on ${vhost}`;
}

/** Wraps the engine for one visitor. */
export function visitEngine(engine: WebEngine, { who, address, spend, record }: Visitor): WebEngine {
  const ordered = async <Act extends { readonly id: string }>(
    act: string,
    detail: string,
    order: () => Promise<Act>,
  ): Promise<Act> => {
    const row = { who, address, act: `ask: ${act}`, detail: detail.slice(0, LONGEST_DETAIL) };
    try {
      const view = await order();
      record({ ...row, result: `taken on (act ${view.id})` });
      return view;
    } catch (error) {
      if (isRefused(error)) record({ ...row, result: `refused: ${error.message}`.slice(0, LONGEST_DETAIL) });
      throw error;
    }
  };
  const { search, exclusions, doctor, firewall } = engine;
  return {
    ...engine,
    explain: async (text, ...from) => {
      if (text.length > SHORT_TARGET) spend();
      return await engine.explain(text, ...from);
    },
    search: {
      ...search,
      start: async (...args) => {
        spend();
        return await search.start(...args);
      },
    },
    doctor: {
      ...doctor,
      report: async () => {
        spend();
        return await doctor.report();
      },
      text: async () => {
        spend();
        return await doctor.text();
      },
    },
    firewall: {
      ...firewall,
      order: (request, confirmation) =>
        ordered(`firewall ${request.act}`, `${request.target}: ${confirmation.reason}`, () =>
          firewall.order(request, confirmation),
        ),
    },
    exclusions: {
      ...exclusions,
      propose: async (fields) => {
        spend();
        return await exclusions.propose(fields);
      },
      exclude: (request) =>
        ordered('apply exclusions', `${scopeText(request.scope)}: ${request.reason}`, () =>
          exclusions.exclude(request),
        ),
      revert: (id, reason, author) =>
        ordered('revert exclusions', `exclusion ${id}: ${reason}`, () =>
          exclusions.revert(id, reason, author),
        ),
      edit: (id, change, author) =>
        ordered('edit exclusions', `exclusion ${id}: ${change.reason}`, () =>
          exclusions.edit(id, change, author),
        ),
      adopt: (key, reason, author) =>
        ordered('adopt exclusions', `${key}: ${reason}`, () => exclusions.adopt(key, reason, author)),
      settle: (vhost, how, reason, author) =>
        ordered(`${how} file`, `${vhost}: ${reason}`, () => exclusions.settle(vhost, how, reason, author)),
    },
  };
}
