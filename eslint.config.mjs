import eslint from '@eslint/js';
import jupyter from '@jupyter/eslint-plugin';
import prettier from 'eslint-config-prettier';
import reactHooks from 'eslint-plugin-react-hooks';
import { globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

export default tseslint.config(
  // What openapi-typescript writes is checked against its source instead.
  globalIgnores(['lib/', 'af_lab/labextension/', 'coverage/', '.*/', '**/api/schema.ts']),
  eslint.configs.recommended,
  {
    files: ['**/*.{ts,tsx}'],
    extends: [
      tseslint.configs.strictTypeChecked,
      tseslint.configs.stylisticTypeChecked,
      reactHooks.configs.flat['recommended-latest']
    ],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname }
    },
    rules: {
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // Lumino's signals take the object beside the method.
      '@typescript-eslint/unbound-method': 'off',
      eqeqeq: 'error'
    }
  },
  { plugins: { jupyter } },
  ...jupyter.configs.recommended,
  {
    // Below this size one file loads sooner than two.
    files: ['**/*.{ts,tsx}'],
    rules: { 'jupyter/prefer-lazy-imports': ['warn', { minimumSize: 50_000 }] }
  },
  {
    files: ['labextension/tests/**'],
    rules: { 'jupyter/no-untranslated-string': 'off' }
  },
  prettier
);
