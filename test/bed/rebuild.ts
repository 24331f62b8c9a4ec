// What the stand-in for rebuildhttpdconf runs: writes httpd.conf anew from the facts of a bed, whole or not at all.
// Arguments: the bed's facts as JSON, the file to write.
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { renderHttpdConf } from './config.ts';
import type { ConfigFacts } from './config.ts';

const [, , factsFile = '', target = ''] = process.argv;
const facts = JSON.parse(readFileSync(factsFile, 'utf8')) as ConfigFacts;
const unfinished = `${target}.${process.pid}.new`;
writeFileSync(unfinished, renderHttpdConf(facts));
renameSync(unfinished, target);
