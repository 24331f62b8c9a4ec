// ORIGIN and HISTORY: where the address belongs, and what it did before.
import { lacking, row, type Row } from './rows.ts';
import { listed, mailboxLogin, modsecBlock, sshdBlock, strangersLogin } from './service-files.ts';
import { refused } from './story.ts';

const one = { sent: [refused(0)] };

export const ORIGIN: readonly Row[] = [
  row('O2h', {
    present: { ...one, dns: { state: 'confirmed', name: 'vps-140.hosting.example.net' } },
    absent: { ...one, dns: { state: 'confirmed', name: 'gateway.example.org' } },
    unknown: one,
  }),
  row('O2c', {
    present: { ...one, extra: [modsecBlock(20, 'dsl-24.pool.example.net')] },
    absent: { ...one, dns: { state: 'confirmed', name: 'vps-141.hosting.example.net' } },
    unknown: one,
  }),
  row('O4', {
    present: { ...one, extra: [mailboxLogin(-7200)] },
    absent: { ...one, extra: [strangersLogin(-7200)] },
    unknown: lacking(one, 'facts'),
  }),
  row('L1', {
    present: { ...one, extra: [sshdBlock(-86_400 * 3)] },
    absent: { ...one, extra: [modsecBlock(20)] },
    unknown: lacking(one, 'facts'),
  }),
  row('L3', {
    present: { ...one, extra: [listed()] },
    absent: one,
    unknown: lacking(one, 'facts'),
  }),
];
