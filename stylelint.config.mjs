export default {
  extends: 'stylelint-config-standard',
  rules: {
    // Every colour is the theme's.
    'color-named': 'never',
    'color-no-hex': true,
    'function-disallowed-list': ['rgb', 'rgba', 'hsl', 'hsla'],
    // JupyterLab's way to name classes.
    'keyframes-name-pattern': '^jp-af-lab-',
    'selector-class-pattern': '^(jp|lm)-[A-Z][A-Za-z]*(-[A-Za-z]+)*$|^jp-mod-',
    // A rule for one state mostly stands behind the one for all.
    'no-descending-specificity': null
  }
};
