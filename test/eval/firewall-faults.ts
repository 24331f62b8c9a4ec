// What can go wrong while csf does what it was asked.
import type { CsfServer } from '../csf/kit.ts';

export interface FaultCase {
  readonly name: string;
  readonly set: (server: CsfServer) => void;
}

export const NO_FAULT: FaultCase = { name: 'none', set: () => undefined };

export const FAULTS: readonly FaultCase[] = [
  {
    name: 'ends with 0 and does nothing',
    set: (server) => {
      server.fault({ kind: 'lie' });
    },
  },
  {
    name: 'says yes and writes nothing',
    set: (server) => {
      server.fault({ kind: 'unwritten' });
    },
  },
  {
    name: 'slow',
    set: (server) => {
      server.fault({ kind: 'slow', ms: 300 });
    },
  },
  {
    name: 'slow with a cut list',
    set: (server) => {
      server.fault({ kind: 'slow', ms: 400, at: 'middle' });
    },
  },
  {
    name: 'dies at its start',
    set: (server) => {
      server.fault({ kind: 'die', at: 'start' });
    },
  },
  {
    name: 'dies with the lock',
    set: (server) => {
      server.fault({ kind: 'die', at: 'locked' });
    },
  },
  {
    name: 'dies with an empty list',
    set: (server) => {
      server.fault({ kind: 'die', at: 'truncated' });
    },
  },
  {
    name: 'dies in the middle of the list',
    set: (server) => {
      server.fault({ kind: 'die', at: 'middle' });
    },
  },
  {
    name: 'dies when all is written',
    set: (server) => {
      server.fault({ kind: 'die', at: 'written' });
    },
  },
  {
    name: 'gives up at once',
    set: (server) => {
      server.fault({ kind: 'error', at: 'open' });
    },
  },
  {
    name: 'gives up in the middle',
    set: (server) => {
      server.fault({ kind: 'error', at: 'middle' });
    },
  },
  {
    name: 'is being restarted',
    set: (server) => {
      server.fault({ kind: 'locked' });
    },
  },
  {
    name: 'Perl dies',
    set: (server) => {
      server.fault({ kind: 'perl' });
    },
  },
  {
    name: 'another program rewrites the list',
    set: (server) => {
      server.fault({ kind: 'torn', ms: 200 });
    },
  },
  {
    name: 'warnings first',
    set: (server) => {
      server.fault({ kind: 'warnings', lines: ['*WARNING* something is odd'] });
    },
  },
  {
    name: 'its words are cut',
    set: (server) => {
      server.fault({ kind: 'cut', bytes: 20 });
    },
  },
  {
    name: 'much noise',
    set: (server) => {
      server.fault({ kind: 'huge', bytes: 300_000 });
    },
  },
  {
    name: 'testing mode',
    set: (server) => {
      server.set({ TESTING: '1' });
    },
  },
  {
    name: 'csf.disable is there',
    set: (server) => {
      server.write('etc/csf/csf.disable', '');
    },
  },
  {
    name: 'csf.error is there',
    set: (server) => {
      server.write('etc/csf/csf.error', 'Error: no\n');
    },
  },
];
