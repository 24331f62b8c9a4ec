// A zone by its name, as a server has it.
import { readZone, type Zone } from '../../src/host/clock.ts';
import { openRoot } from '../../src/host/root.ts';
import { makeRoot } from '../host/make-root.ts';

/** The zone of an IANA name such as `Europe/Berlin`; throws where Node does not know it. */
export function zoneOf(name: string): Zone {
  const root = makeRoot();
  root.folder('/etc');
  root.link('/etc/localtime', `/usr/share/zoneinfo/${name}`);
  const zone = readZone(openRoot(root.dir));
  if (zone === null) throw new Error(`no zone ${name}`);
  return zone;
}
