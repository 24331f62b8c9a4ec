// The list of what the archive is made of: CycloneDX 1.5 (cyclonedx.org), from npm's record of what it installed.
// `npm sbom` takes the packages for developing as missing in such a tree, and stamps each run with a time and a UUID.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import about from '../package.json' with { type: 'json' };

interface Installed {
  readonly version: string;
  readonly license?: string;
  readonly integrity?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** Gives the SBOM's text for the program folder `tree`; the time is `epoch` in seconds. */
export function makeSbom(tree: string, arch: string, epoch: number): string {
  const record = JSON.parse(readFileSync(join(tree, 'node_modules/.package-lock.json'), 'utf8')) as {
    packages: Record<string, Installed>;
  };
  const places = Object.keys(record.packages).sort();
  const refs = new Map(places.map((place) => [place, purlOf(place, record.packages[place]?.version ?? '')]));
  const own = `pkg:generic/whyblocked@${about.version}?arch=${arch}`;
  const edges = (from: string, names: readonly string[]): string[] =>
    names.flatMap((name) => refs.get(nearest(from, name, refs)) ?? []).sort();
  const sbom = {
    $schema: 'http://cyclonedx.org/schema/bom-1.5.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.5',
    version: 1,
    metadata: {
      timestamp: new Date(epoch * 1000).toISOString(),
      component: {
        'bom-ref': own,
        type: 'application',
        name: about.name,
        version: about.version,
        description: about.description,
        licenses: [{ license: { id: about.license } }],
      },
    },
    components: places.map((place) => componentOf(place, record.packages[place], refs.get(place) ?? '')),
    dependencies: [
      { ref: own, dependsOn: edges('', [...Object.keys(about.dependencies), `node-linux-${arch}`]) },
      ...places.map((place) => {
        const { dependencies, optionalDependencies } = record.packages[place] ?? {};
        const names = Object.keys({ ...dependencies, ...optionalDependencies });
        return { ref: refs.get(place), dependsOn: edges(place, names) };
      }),
    ],
  };
  return `${JSON.stringify(sbom, null, 2)}\n`;
}

function componentOf(place: string, installed: Installed | undefined, ref: string): object {
  const [group, name] = nameOf(place).startsWith('@') ? nameOf(place).split('/') : [undefined, nameOf(place)];
  const [algorithm, hash] = (installed?.integrity ?? '').split('-');
  return {
    'bom-ref': ref,
    type: 'library',
    ...(group === undefined ? {} : { group }),
    name,
    version: installed?.version,
    purl: ref,
    ...(installed?.license === undefined ? {} : { licenses: [licenceOf(installed.license)] }),
    ...(algorithm === 'sha512' && hash !== undefined
      ? { hashes: [{ alg: 'SHA-512', content: Buffer.from(hash, 'base64').toString('hex') }] }
      : {}),
    properties: [{ name: 'whyblocked:path', value: place }],
  };
}

function licenceOf(text: string): object {
  return /^[\w.+-]+$/.test(text) ? { license: { id: text } } : { expression: text };
}

function nameOf(place: string): string {
  return place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length);
}

/** https://github.com/package-url/purl-spec: the scope's `@` is written as %40. */
function purlOf(place: string, version: string): string {
  return `pkg:npm/${nameOf(place).replace('@', '%40')}@${version}`;
}

/** Node's own way to a package: in the folder of the asking one, then upwards. An optional one may be missing. */
function nearest(from: string, name: string, places: ReadonlyMap<string, string>): string {
  for (let base = from; ; base = base.slice(0, Math.max(0, base.lastIndexOf('/node_modules/')))) {
    const place = `${base === '' ? '' : `${base}/`}node_modules/${name}`;
    if (places.has(place) || base === '') return place;
    if (!base.includes('/node_modules/')) base = '';
  }
}
