import { readdirSync, readFileSync } from "node:fs";

const folder = new URL("../../docs/errors/", import.meta.url);
const rules = new URL("../../src/compiler/rules/", import.meta.url);

const codes = readdirSync(folder).map((file) => file.replace(".md", ""));

/** Pages that say what is wrong by an example. */
export const withExamples: readonly string[] = codes.filter((code) =>
  /^## Wrong$/mu.test(readFileSync(new URL(`${code}.md`, folder), "utf8")),
);

/** The codes that the compiler's rules declare. */
export const declaredByRules: readonly string[] = readdirSync(rules).flatMap((file) =>
  [...readFileSync(new URL(file, rules), "utf8").matchAll(/defineFinding(?:<[^]*?>)?\(\s*"(ASP\d{4})"/g)].map(
    ([, code = ""]) => code,
  ),
);

/** About several processors at once. */
const ofProjects = codes.filter((code) => /^ASP407\d$/.test(code));

/** Whose examples are run, by the tests that run them: each of these goes over its own list. */
export const shownBy = {
  /** test/compiler/error-examples.test.ts */
  rules: declaredByRules.filter((code) => !ofProjects.includes(code)),
  /** test/projections/error-examples.test.ts */
  projections: codes.filter((code) => /^ASP11\d\d$/.test(code)),
  /** test/testing/project-pages.test.ts */
  projects: ofProjects,
  /** test/testing/adjustment-pages.test.ts */
  adjustments: numbered(4020, 4025),
  /** test/config/config-pages.test.ts */
  configs: [
    ...numbered(4000, 4004),
    ...["ASP4006", "ASP4007"],
    ...numbered(4009, 4014),
    ...["ASP4039", ...numbered(4041, 4045), "ASP4049", "ASP4161"],
  ],
  /** test/loader/loader-pages.test.ts */
  modules: [...numbered(4050, 4058), ...numbered(4170, 4172), "ASP4174", "ASP4175"],
  /** test/testing/fixture-pages.test.ts */
  fixtures: ["ASP4100", "ASP4103", ...numbered(4105, 4109), "ASP4116", "ASP4270"],
  /** test/testing/case-pages.mongod.test.ts */
  cases: [
    ...["ASP4101", "ASP4102", "ASP4104", "ASP4110", "ASP4112", "ASP4113", "ASP4114", "ASP4117", "ASP4119"],
    ...["ASP4131", "ASP4180", "ASP4271"],
  ],
  /** test/cli/command-pages.mongod.test.ts */
  commands: [
    ...["ASP4005", "ASP4008", "ASP4015", "ASP4111", "ASP4115", "ASP4118", "ASP4134"],
    ...[...numbered(4150, 4154), "ASP4160"],
  ],
  /** test/engine/engine-pages.mongod.test.ts */
  engine: [...["ASP5100", ...numbered(5104, 5107), "ASP5155", ...numbered(5171, 5173), "ASP5204"]],
} satisfies Readonly<Record<string, readonly string[]>>;

interface Unrun {
  /** What the example needs that these tests do not give it. */
  readonly needs: string;
  /** The test, below test/, in which the code itself is seen. */
  readonly seenIn: string;
}

const aServer = "an endpoint that answers as the example has it";
const brokers = "brokers of Kafka";
const aDisk = "a file system that refuses to write, also to root";
const aWorkspace = "a workspace, changed between the commands";
const aShell = "mongosh on a workspace";

/** Whose examples are not run. */
export const notRun: Readonly<Record<string, Unrun>> = {
  ASP4016: { needs: "a module beside the config", seenIn: "config/load-config.test.ts" },
  ASP4059: { needs: aDisk, seenIn: "loader/load-pipelines.test.ts" },
  ASP4130: { needs: "a collection that is there already", seenIn: "testing/prepare-collections.mongod.test.ts" },
  ASP4132: { needs: "ten seconds in which nobody answers", seenIn: "cli/explain-failure.test.ts" },
  ASP4133: { needs: "a mongod that dies", seenIn: "cli/interrupt.cli.test.ts" },
  ASP4135: { needs: brokers, seenIn: "engine/kafka/open-connections.test.ts" },
  ASP4136: { needs: brokers, seenIn: "engine/kafka/open-connections.test.ts" },
  ASP4137: { needs: brokers, seenIn: "engine/kafka/processors.kafka.test.ts" },
  ASP4138: { needs: brokers, seenIn: "engine/kafka/broker.kafka.test.ts" },
  ASP4155: { needs: aDisk, seenIn: "cli/compile.test.ts" },
  ASP4156: { needs: "a network that does not know a host", seenIn: "cli/explain-failure.test.ts" },
  ASP4157: { needs: "a mongod that dies", seenIn: "cli/run.cli.test.ts" },
  ASP4173: { needs: "a module that is edited by hand", seenIn: "cli/compile.test.ts" },
  ASP5101: { needs: "a server that only speaks the protocol", seenIn: "engine/checkpoints.mongod.test.ts" },
  ASP5103: { needs: "a mongod below 7.0 and events of 18 MB", seenIn: "engine/sources/undeliverable.mongod.test.ts" },
  ASP5109: { needs: "a standalone mongod", seenIn: "engine/sources/standalone.mongod.test.ts" },
  ASP5140: { needs: "a mongod without JavaScript", seenIn: "engine/operators/engine-expressions.mongod.test.ts" },
  ASP5141: { needs: aServer, seenIn: "engine/operators/external-function.mongod.test.ts" },
  ASP5142: { needs: aServer, seenIn: "engine/operators/https.mongod.test.ts" },
  ASP5143: { needs: aServer, seenIn: "engine/operators/https.mongod.test.ts" },
  ASP5144: { needs: aServer, seenIn: "engine/operators/https.mongod.test.ts" },
  ASP5145: { needs: aServer, seenIn: "engine/operators/external-function.mongod.test.ts" },
  ASP5146: { needs: "a module beside the config", seenIn: "engine/operators/function-module.mongod.test.ts" },
  ASP5156: { needs: "a thousand collections", seenIn: "engine/dynamic-targets.test.ts" },
  ASP5157: { needs: aDisk, seenIn: "engine/capture.mongod.test.ts" },
  ASP5188: { needs: aShell, seenIn: "emulator/workspace/workspace.mongod.test.ts" },
  ASP5189: { needs: aShell, seenIn: "emulator/workspace/start-options.test.ts" },
  ASP5190: { needs: "more documents than a tier has memory", seenIn: "engine/details.mongod.test.ts" },
  ASP5200: { needs: "a machine without a mongod", seenIn: "mongod/find-mongod.test.ts" },
  ASP5201: { needs: "a mongod at a path that is not this machine's", seenIn: "mongod/find-mongod.test.ts" },
  ASP5202: { needs: aDisk, seenIn: "mongod/start-mongod.mongod.test.ts" },
  ASP5203: { needs: aDisk, seenIn: "mongod/start-mongod.mongod.test.ts" },
  ASP5205: { needs: "a table that another program has made", seenIn: "engine/iceberg/iceberg.mongod.test.ts" },
  ASP5353: { needs: aShell, seenIn: "emulator/workspace/select-documents.mongod.test.ts" },
  ASP6040: { needs: aWorkspace, seenIn: "cli/deploy.mongod.test.ts" },
  ASP6041: { needs: aWorkspace, seenIn: "cli/deploy.mongod.test.ts" },
  ASP6042: { needs: aWorkspace, seenIn: "cli/deploy.mongod.test.ts" },
  ASP6043: { needs: aWorkspace, seenIn: "cli/deploy.mongod.test.ts" },
  ASP6053: { needs: aWorkspace, seenIn: "cli/deploy.mongod.test.ts" },
  ASP6055: { needs: aWorkspace, seenIn: "cli/plan-surroundings.mongod.test.ts" },
};

/** Codes of a family, without a gap. */
function numbered(first: number, last: number): readonly string[] {
  return Array.from({ length: last - first + 1 }, (_, index) => `ASP${first + index}`);
}
