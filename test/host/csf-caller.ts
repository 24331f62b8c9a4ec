// A process that has csf do something and waits: `node csf-caller.ts ROOT STATE CSF`. Tests end it in the middle.
import { openHost } from '../../src/host/local-host.ts';

const [root = '', stateDir = '', program = ''] = process.argv.slice(2);
const { csf } = openHost({ root, env: {}, acts: { csfCommand: [program] } });
const ran = await csf.run({ kind: 'remove-deny', target: '203.0.113.9' }, stateDir);
console.log(JSON.stringify(ran));
