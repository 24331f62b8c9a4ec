import { parsePathsConf } from '../../src/parse/paths-conf.ts';
import { testSamples, testSurvival } from './samples.ts';

testSamples('paths-conf', (raw) => {
  const paths = parsePathsConf(raw);
  return paths.size === 0 ? null : Object.fromEntries(paths);
});
testSurvival('paths-conf', parsePathsConf);
