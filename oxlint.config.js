// Lint rules, and the order of the rooms: a module imports only from rooms before its own (ARCHITECTURE.md).
// test/boundaries.test.ts seeds a violation of each and expects it to be found.

const value = ["diagnostics"];
const language = [...value, "stages", "expressions"];
const authored = [...language, "projections"];
// `compiler` and `config` stand side by side; the compiler takes an environment, so that way round is open.
const compiled = [...authored, "config", "compiler"];
const running = [...compiled, "loader", "mongod"];

/** Room → the rooms that it may import. `pure` ones do no IO and know no clock. */
const rooms = [
  { room: "diagnostics", files: ["src/diagnostics/**"], pure: true, mayImport: [] },
  { room: "stages", files: ["src/stages/**"], pure: true, mayImport: value },
  { room: "expressions", files: ["src/expressions/**"], pure: true, mayImport: value },
  { room: "projections", files: ["src/projections/**"], pure: true, mayImport: language },
  { room: "config", files: ["src/config/**"], except: ["src/config/load-*.ts"], pure: true, mayImport: authored },
  { room: "compiler", files: ["src/compiler/**"], pure: true, mayImport: [...authored, "config"] },
  { room: "config/load", files: ["src/config/load-*.ts"], mayImport: compiled },
  // It hands the package's own entry to the modules that it loads.
  { room: "loader", files: ["src/loader/**"], mayImport: compiled, entry: true },
  { room: "mongod", files: ["src/mongod/**"], mayImport: compiled },
  { room: "engine", files: ["src/engine/**"], except: ["src/engine/core/**"], mayImport: running },
  { room: "engine/core", files: ["src/engine/core/*.ts"], pure: true, mayImport: compiled },
  { room: "engine/core", files: ["src/engine/core/*/**"], folder: true, pure: true, mayImport: compiled },
  { room: "deploy", files: ["src/deploy/**"], except: ["src/deploy/plan/**"], mayImport: [...running, "engine"] },
  { room: "deploy/plan", files: ["src/deploy/plan/**"], pure: true, mayImport: compiled },
  { room: "emulator", files: ["src/emulator/**"], mayImport: [...running, "engine"] },
  { room: "testing", files: ["src/testing/**"], mayImport: [...running, "engine", "deploy", "emulator"] },
  // Modules run in asp's own process: they get a part of it, and what they leave is seen.
  {
    room: "loader",
    files: ["src/loader/own-process.ts"],
    mayImport: compiled,
    readsProcess: ["default"],
  },
  // The library for vitest: a test file hands it no environment.
  {
    room: "testing",
    files: ["src/testing/spec/own-env.ts"],
    mayImport: [...running, "engine", "deploy", "emulator"],
    readsProcess: ["env"],
  },
  { room: "cli", files: ["src/cli/**"], except: ["src/cli/main.ts"], mayImport: "all" },
];

const allRooms = [...running, "engine", "deploy", "emulator", "testing", "cli"];

const ownEntry = {
  regex: "^asp-toolkit(/|$)|^(\\.\\./)+index\\.ts$|/testing/index\\.ts$",
  message: "Inside src, import the file itself: the package's entries are for its users.",
};
const io = {
  regex: "^(node:|mongodb($|/|-)|execa|esbuild|oxc-(parser|transform)|commander)",
  message: "This room is pure: take what you need as an argument.",
};
const theProcess = {
  name: "node:process",
  allowImportNames: ["execPath", "platform", "arch", "kill"],
  message: "Only src/cli/main.ts touches the process: take env, cwd, streams and signals as arguments.",
};
const impureGlobals = ["console", "performance", "crypto", "fetch", "setTimeout", "setInterval", "setImmediate"];

/** @param {(typeof rooms)[number]} description */
function boundary({ room, files, except, pure, mayImport, entry, folder: isFolder, readsProcess = [] }) {
  const [folder, inner] = room.split("/");
  const forbidden =
    mayImport === "all" ? [] : allRooms.filter((other) => other !== folder && !mayImport.includes(other));
  const later = {
    regex: `\\.\\./(${forbidden.join("|")})/`,
    message: `${room} may import only from the rooms before it: ${[mayImport].flat().join(", ") || "none"}.`,
  };
  // A pure part of a room does not reach for the rest of it.
  const outside = {
    regex: isFolder ? "^\\.\\./\\.\\./[^.]" : "^\\.\\./[^.]",
    message: `${room} comes before the rest of ${folder}.`,
  };
  const patterns = [
    ...(forbidden.length > 0 ? [later] : []),
    ...(pure && inner ? [outside] : []),
    ...(pure ? [io] : []),
    ...(entry ? [] : [ownEntry]),
  ];
  const paths = [{ ...theProcess, allowImportNames: [...theProcess.allowImportNames, ...readsProcess] }];
  return {
    files,
    ...(except ? { excludeFiles: except } : {}),
    rules: {
      "eslint/no-restricted-imports": ["error", { patterns, ...(pure ? {} : { paths }) }],
      ...(pure ? purity : {}),
    },
  };
}

const pureReason = "This room is pure: take the value as an argument.";
const purity = {
  "eslint/no-restricted-globals": [
    "error",
    ...["process", ...impureGlobals].map((name) => ({ name, message: pureReason })),
  ],
  "eslint/no-restricted-properties": [
    "error",
    { object: "Date", property: "now", message: pureReason },
    { object: "Math", property: "random", message: pureReason },
  ],
};

export default {
  plugins: ["typescript", "unicorn", "oxc", "import", "promise", "node", "vitest"],
  categories: { correctness: "error", suspicious: "error" },
  ignorePatterns: ["dist", "coverage"],
  rules: {
    "import/no-cycle": "error",
    "import/no-default-export": "error",
    "unicorn/no-process-exit": "error",
    "eslint/no-unused-vars": ["error", { ignoreRestSiblings: true, argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
    "typescript/no-explicit-any": "error",
    "typescript/no-namespace": "error",
    "typescript/ban-ts-comment": ["error", { "ts-expect-error": "allow-with-description" }],
    "typescript/no-floating-promises": "error",
    "typescript/no-misused-promises": "error",
    "typescript/only-throw-error": "error",
    "typescript/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
    // What crosses a boundary (EJSON, a driver's document) is asserted where it was checked.
    "typescript/no-unsafe-type-assertion": "off",
    "typescript/consistent-return": "off",
    // Interfaces here describe records of functions that know no `this`.
    "typescript/unbound-method": "off",
    "typescript/no-generated-empty-object-type": "off",
    "typescript/no-unnecessary-type-arguments": "off",
    "import/no-named-as-default-member": "off",
    "typescript/no-base-to-string": "off",
    "eslint/no-shadow": "off",
    // It sees no change that another function makes while a loop awaits.
    "eslint/no-unmodified-loop-condition": "off",
    // `_id`, `_asp`, `_data` are names of the server's and ours.
    "eslint/no-underscore-dangle": "off",
    "unicorn/consistent-function-scoping": "off",
    "unicorn/no-thenable": "off",
    "unicorn/no-useless-spread": "off",
    "promise/always-return": "off",
    "promise/no-promise-in-callback": "off",
    "vitest/valid-expect": ["error", { maxArgs: 2 }],
    "vitest/expect-expect": "off",
    "vitest/no-conditional-expect": "off",
  },
  overrides: [
    {
      files: ["src/**/*.ts"],
      excludeFiles: ["src/cli/main.ts"],
      rules: {
        "eslint/no-console": "error",
        "eslint/no-restricted-globals": ["error", { name: "process", message: theProcess.message }],
      },
    },
    ...rooms.map(boundary),
    {
      files: ["test/**"],
      rules: {
        "typescript/no-implied-eval": "off",
        "typescript/no-misused-spread": "off",
        "typescript/restrict-template-expressions": "off",
      },
    },
    {
      files: ["pipelines/**", "test/**", "examples/**", "scripts/count-reporter.ts", "*.config.{js,ts}"],
      rules: { "import/no-default-export": "off" },
    },
  ],
};
