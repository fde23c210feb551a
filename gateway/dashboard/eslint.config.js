import vue from 'eslint-plugin-vue';
import ts from 'typescript-eslint';

export default ts.config(
  { ignores: ['dist/', 'node_modules/', 'types/'] },
  ...ts.configs.recommended,
  ...vue.configs['flat/essential'],
  { files: ['**/*.vue'], languageOptions: { parserOptions: { parser: ts.parser } } },
  {
    rules: {
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-console': 'error',
      /* Watched member by member, a set that stands all day keeps a mark of every id that was ever asked of it. */
      'no-restricted-syntax': ['error', {
        selector: 'CallExpression[callee.name=/^(ref|reactive)$/] > NewExpression.arguments[callee.name=/^(Set|Map)$/]',
        message: 'A set is replaced as a whole: shallowRef.',
      }],
      'vue/no-v-html': 'error',
      'vue/no-static-inline-styles': 'error',
      'vue/multi-word-component-names': 'off',
    },
  },
);
