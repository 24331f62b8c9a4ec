// Strict typed linting, and the import arrows of CONTRIBUTING.md: each folder lists what it may not import.
import tseslint from 'typescript-eslint';

const NODE_AND_PACKAGES = [
  'node:*',
  'better-sqlite3',
  'express',
  'helmet',
  'ejs',
  'commander',
  'pino',
  'zod',
  '@date-fns/tz',
  'diff',
  'diff/*',
  '@vscode/ripgrep',
  'nodemailer',
  'nodemailer/**',
];
/** Without the prefix the names of Node's own modules would slip past `node:*`. */
const BARE_NODE = ['fs', 'fs/*', 'child_process', 'worker_threads', 'net', 'http', 'https', 'dns', 'vm'];
/** Files are opened and programs started in src/host alone. */
const FILES_AND_PROGRAMS = [
  ...BARE_NODE,
  'node:fs',
  'node:fs/*',
  'node:child_process',
  'node:worker_threads',
];
const others = (allowed) => NODE_AND_PACKAGES.filter((name) => !allowed.includes(name));
const folders = (...names) => names.map((name) => `**/${name}/**`);

/** One block of import rules: the folder, the sibling folders and the packages it must not reach. */
function arrows(folder, forbiddenFolders, allowedPackages, forbiddenParts = BARE_NODE) {
  return {
    files: [`src/${folder}/**/*.ts`],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              group: [
                ...folders(...forbiddenFolders),
                ...others(allowedPackages),
                ...forbiddenParts,
                '../main.ts',
                '../context.ts',
                '../serve.ts',
                '../engine.ts',
                '../thread.ts',
                '../exclusion-worker.ts',
                '../search-context.ts',
                '../index-logs.ts',
              ],
              message: `src/${folder} must not import this: see "Who may import what" in CONTRIBUTING.md`,
            },
          ],
        },
      ],
      'no-restricted-syntax': [
        'error',
        { selector: 'ImportExpression', message: 'import() would slip past the import rules.' },
        {
          selector: "MemberExpression[property.name='getBuiltinModule']",
          message: 'getBuiltinModule would slip past the import rules.',
        },
      ],
    },
  };
}

export default tseslint.config(
  { ignores: ['node_modules/', 'views/assets/', 'coverage/', 'test/.work/'] },
  ...tseslint.configs.strictTypeChecked,
  ...tseslint.configs.stylisticTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      complexity: ['error', 14],
      'max-lines': ['error', { max: 300, skipBlankLines: false, skipComments: false }],
      'max-params': ['error', 4],
      'no-console': 'error',
      // Control bytes in patterns are the point of log parsers.
      'no-control-regex': 'off',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/consistent-type-definitions': ['error', 'interface'],
      '@typescript-eslint/prefer-regexp-exec': 'off',
    },
  },
  {
    files: ['src/model.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        { patterns: [{ group: ['*'], message: 'model.ts imports nothing.' }] },
      ],
    },
  },
  {
    files: ['src/model-rules.ts', 'src/model-csf.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            { regex: '^(?!\\./model\\.ts$)', message: 'The other model files import model.ts alone.' },
          ],
        },
      ],
    },
  },
  arrows('parse', ['analyse', 'store', 'host', 'actions', 'web', 'cli', 'mail'], []),
  arrows('analyse', ['store', 'host', 'actions', 'web', 'cli', 'mail'], ['diff', 'diff/*']),
  arrows('store', ['parse', 'analyse', 'host', 'actions', 'web', 'cli', 'mail'], ['better-sqlite3']),
  arrows(
    'host',
    ['analyse', 'store', 'actions', 'web', 'cli', 'mail'],
    ['node:*', '@date-fns/tz', '@date-fns/tz/*', '@vscode/ripgrep'],
  ),
  arrows('actions', ['web', 'cli', 'mail'], []),
  arrows(
    'web',
    ['analyse', 'store', 'host', 'parse', 'cli', 'mail'],
    ['express', 'helmet', 'ejs', 'node:*'],
    FILES_AND_PROGRAMS,
  ),
  arrows(
    'cli',
    ['analyse', 'store', 'host', 'parse', 'web', 'mail'],
    ['commander', 'node:*'],
    FILES_AND_PROGRAMS,
  ),
  arrows(
    'mail',
    ['analyse', 'store', 'host', 'parse', 'web', 'cli'],
    ['nodemailer', 'nodemailer/**', 'node:*'],
    FILES_AND_PROGRAMS,
  ),
  {
    files: ['test/**/*.ts'],
    rules: { 'max-lines': 'off', 'no-console': 'off', '@typescript-eslint/no-non-null-assertion': 'off' },
  },
  { files: ['**/*.js'], ...tseslint.configs.disableTypeChecked },
);
