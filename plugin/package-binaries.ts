// Looks at the programs of another architecture without running them: the ELF header and the symbol versions in it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** e_machine of the ELF header (System V ABI, chapter 4). */
const MACHINES: Readonly<Record<string, number>> = { x64: 62, arm64: 183 };

/**
 * Checks that Node, ripgrep and better-sqlite3 below `tree` are 64-bit Linux programs for `arch`; gives the newest
 * glibc that one of them asks for, like `2.34`. Throws with the name of the one that is missing or wrong.
 */
export function checkBinaries(tree: string, arch: string): string {
  const binaries = [
    `node_modules/node-linux-${arch}/bin/node`,
    `node_modules/@vscode/ripgrep-linux-${arch}/bin/rg`,
    `node_modules/better-sqlite3/prebuilds/linux-${arch}.node`,
  ];
  const versions = binaries.flatMap((name) => {
    const bytes = readFileSync(join(tree, name));
    const isElf64 = bytes.subarray(0, 6).equals(Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1]));
    if (!isElf64 || bytes.readUInt16LE(18) !== MACHINES[arch])
      throw new Error(`${name} is no program for Linux on ${arch}.`);
    return glibcVersions(bytes);
  });
  const newest = versions.sort((one, other) => one - other).at(-1);
  if (newest === undefined) throw new Error('None of the programs names a glibc.');
  return `2.${newest}`;
}

/** The minor numbers of all `GLIBC_2.N` in the string tables of a program; none for a static one. */
function glibcVersions(bytes: Buffer): number[] {
  const found: number[] = [];
  for (let at = bytes.indexOf('GLIBC_2.'); at >= 0; at = bytes.indexOf('GLIBC_2.', at + 8)) {
    const match = /^GLIBC_2\.(\d{1,3})(?:\.\d+)?\0/.exec(bytes.toString('latin1', at, at + 24));
    if (match !== null) found.push(Number(match[1]));
  }
  return found;
}
