// Reads the answer of `whyblocked exclusions --json` on stdin and prints the numbers of those in force, one a line.
import { readFileSync } from 'node:fs';
import type { ExclusionsView } from '../src/actions/exclusion-view.ts';

const list = JSON.parse(readFileSync(0, 'utf8')) as Pick<ExclusionsView, 'active'>;
for (const { id } of list.active) process.stdout.write(`${id}\n`);
