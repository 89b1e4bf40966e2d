// The house rules a machine can hold: what is wrong, what is suspicious, and what CONTRIBUTING forbids.
// Who may import whom is a law of its own: scripts/import-law.mjs.

const TESTS = ["**/*.test.{ts,tsx,mjs}", "**/*.testsuite.ts", "tests/**", "**/*.{fixture,testkit}.ts"];

/** Time, ids and chance come from the world, so that a test can run a day in a second and replay a seed. */
const WORLD = [
  { object: "Math", property: "random", message: "Chance comes from the world: world.random." },
  { object: "Date", property: "now", message: "Time comes from the world: world.clock.now()." },
  { object: "crypto", property: "randomUUID", message: "Ids come from the world: world.newId()." },
];
const WORLD_IMPORTS = [{ name: "node:crypto", importNames: ["randomUUID", "randomInt"], message: "Ids and chance come from the world." }];

export default {
  plugins: ["eslint", "typescript", "unicorn", "oxc", "import", "promise", "node"],
  categories: { correctness: "error", suspicious: "error" },
  options: { typeAware: true, reportUnusedDisableDirectives: "error" },
  ignorePatterns: ["**/dist/**", "**/dist-types/**", "coverage/**"],
  rules: {
    // A circle of types is a circle too: the rooms cannot be read one at a time.
    "import/no-cycle": ["error", { ignoreTypes: false }],
    "import/no-default-export": "off",
    "import/no-unassigned-import": ["error", { allow: ["**/*.css"] }],
    "typescript/no-explicit-any": ["error", { ignoreRestArgs: false }],
    "typescript/no-non-null-assertion": "error",
    "typescript/ban-ts-comment": "error",
    "typescript/consistent-type-imports": "error",
    "typescript/no-floating-promises": "error",
    "typescript/no-misused-promises": "error",
    "typescript/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
    "eslint/no-empty": ["error", { allowEmptyCatch: false }],
    "eslint/no-unused-vars": ["error", { ignoreRestSiblings: true, argsIgnorePattern: "^_", varsIgnorePattern: "^_", caughtErrors: "all" }],
    "eslint/eqeqeq": ["error", "always"],
    "eslint/no-var": "error",
    "eslint/prefer-const": "error",
    "eslint/max-lines": ["error", { max: 300 }],
    "eslint/no-warning-comments": ["error", { terms: ["todo", "fixme", "xxx", "oxlint-disable", "eslint-disable", "biome-ignore"], location: "start" }],
    "unicorn/filename-case": ["error", { case: "kebabCase" }],
    "unicorn/prefer-node-protocol": "error",

    // Narrowing what a driver or a schema library hands over is what rows and doors are for; `any` stays forbidden.
    "typescript/no-unsafe-type-assertion": "off",
    // A promise that is only waited for need not hand anything on.
    "promise/always-return": "off",
    // What a socket delivers is text: nothing here asks for another binary type.
    "typescript/no-base-to-string": ["error", { ignoredTypeNames: ["RawData"] }],
    // The compiler knows better than the linter when a switch leaves nothing over.
    "typescript/consistent-return": "off",
    // What a driver's types promise is not always what it hands over.
    "typescript/no-unnecessary-type-conversion": "off",
    // Living things here are plain objects of closures: nothing has a `this` to lose, and a closure changes what a loop waits for.
    "typescript/unbound-method": "off",
    "eslint/no-unmodified-loop-condition": "off",
    // zod names its inside `_zod`, and its settings likewise.
    "eslint/no-underscore-dangle": ["error", { allow: ["_zod", "__zod_globalConfig"] }],
    // A sequence of awaits in a loop is how order is kept; short names repeat across small scopes.
    "eslint/no-await-in-loop": "off",
    "eslint/no-shadow": "off",
    "unicorn/no-array-sort": "off",
    "unicorn/no-array-reverse": "off",
    "unicorn/require-module-specifiers": "off",
    "unicorn/consistent-function-scoping": "off",
  },
  overrides: [
    {
      files: ["packages/dashboard/**"],
      plugins: ["eslint", "typescript", "unicorn", "oxc", "import", "promise", "react", "jsx-a11y"],
      // No compiler of React is used that could keep what a library changes.
      rules: { "react/react-in-jsx-scope": "off", "react/incompatible-library": "off" },
    },
    {
      files: ["packages/server/src/**"],
      rules: { "eslint/no-restricted-properties": ["error", ...WORLD], "eslint/no-restricted-imports": ["error", { paths: WORLD_IMPORTS }] },
    },
    {
      // The ground and the maker of the world are where they come from; tests need not run in a made-up time.
      files: ["packages/server/src/std/**", "packages/server/src/app/world.ts", ...TESTS],
      rules: { "eslint/no-restricted-properties": "off", "eslint/no-restricted-imports": "off" },
    },
  ],
};
