import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const lab = require('@jupyterlab/testing/lib/jest-config.js')(import.meta.dirname);

// Sources of packages that come as ES modules, which jest does not load as they are.
const esm = [
  '@codemirror',
  '@jupyter',
  '@jupyterlab',
  '@microsoft',
  'exenv-es6',
  'lib0',
  'marked',
  'nanoid',
  'vscode-ws-jsonrpc',
  'y-protocols',
  'yjs'
];

export default {
  ...lab,
  reporters: ['default'],
  setupFilesAfterEnv: ['<rootDir>/labextension/tests/setup.ts'],
  // Both cores may be busy with the other tests.
  testTimeout: 60_000,
  testRegex: 'labextension/tests/.*\\.spec\\.tsx?$',
  transform: {
    ...lab.transform,
    '^.+\\.tsx?$': ['ts-jest', { tsconfig: 'labextension/tests/tsconfig.json' }]
  },
  transformIgnorePatterns: [`/node_modules/(?!(${esm.join('|')})/)`]
};
