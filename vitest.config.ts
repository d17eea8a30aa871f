import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { LongestFirst } from "./scripts/longest-first.ts";

const source = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** The suffix says the cost. Groups run one after the other, so that a mongod's tests have the machine to themselves. */
const costly = ["test/**/*.{mongod,kafka,cli,mongosh,long,live}.test.ts"];

export default defineConfig({
  resolve: {
    alias: [
      { find: /^asp-toolkit$/u, replacement: source("./src/index.ts") },
      { find: /^asp-toolkit\/testing$/u, replacement: source("./src/testing/index.ts") },
    ],
  },
  test: {
    reporters: ["default", "./scripts/count-reporter.ts"],
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        extends: true,
        test: {
          name: "pure",
          include: ["test/**/*.test.ts"],
          exclude: costly,
          maxWorkers: 2,
          // For a machine that is busy with something else: nothing here takes a second by itself.
          testTimeout: 20_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: "types",
          include: [],
          maxWorkers: 2,
          typecheck: {
            enabled: true,
            only: true,
            include: ["test/**/*.test-d.ts"],
            tsconfig: "./tsconfig.json",
            // `npm run types` reports those.
            ignoreSourceErrors: true,
          },
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: "mongod",
          include: ["test/**/*.mongod.test.ts"],
          globalSetup: ["./test/support/mongod-setup.ts"],
          // One process for many files: reading the modules anew for each took a quarter of the time.
          isolate: false,
          // More than there are processors: these wait for a mongod more than they compute.
          maxWorkers: 3,
          testTimeout: 60_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: "cli",
          include: ["test/**/*.cli.test.ts"],
          globalSetup: ["./test/support/mongod-setup.ts"],
          maxWorkers: 2,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 2 },
        },
      },
      {
        extends: true,
        test: {
          name: "kafka",
          include: ["test/**/*.kafka.test.ts"],
          globalSetup: ["./test/support/mongod-setup.ts", "./test/support/kafka-setup.ts"],
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 4 },
        },
      },
      {
        extends: true,
        test: {
          name: "mongosh",
          include: ["test/**/*.mongosh.test.ts"],
          globalSetup: ["./test/support/mongod-setup.ts", "./test/support/mongosh-setup.ts"],
          setupFiles: ["./test/support/skip-without-mongosh.ts"],
          maxWorkers: 2,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 2 },
        },
      },
      {
        extends: true,
        test: {
          name: "live",
          include: ["test/**/*.live.test.ts"],
          fileParallelism: false,
          hookTimeout: 300_000,
          sequence: { groupOrder: 5 },
        },
      },
      {
        extends: true,
        test: {
          name: "long",
          include: ["test/**/*.long.test.ts"],
          globalSetup: ["./test/support/mongod-setup.ts"],
          fileParallelism: false,
          testTimeout: 3_600_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
});
