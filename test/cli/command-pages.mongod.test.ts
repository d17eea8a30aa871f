import { join } from "node:path";
import { expect, test } from "vitest";
import { readExamples, settingOf } from "../diagnostics/error-page.ts";
import type { Fence } from "../diagnostics/error-page.ts";
import { shownBy } from "../diagnostics/shown-pages.ts";
import { addFiles, makeFolder, runCli } from "./run-cli.ts";
import { processor } from "./sample.ts";

type Files = Readonly<Record<string, string>>;

const placed = '{"_id":1,"type":"PaymentReceived"}\n';
const config = `connections: { events: { type: Cluster }, domain: { type: Cluster } }
environments: { local: { target: emulator }, production: { target: emulator } }
`;
const project: Files = { "atlas.config.yaml": config, "pipelines/orders.ts": processor("orders") };
const oneCase: Files = {
  ...project,
  "test/fixtures/order-is-placed/given/shop.events.ndjson": placed,
  "test/fixtures/order-is-placed/then/shop.orders.ndjson": placed,
};

interface Setting {
  readonly files: Files;
  /** What an example says of the time before it. */
  readonly prepare?: (cwd: string) => Promise<unknown>;
  /** Codes that the wrong example leads to as well. */
  readonly besides?: readonly string[];
  /** Where an example is no command line: the files it stands for, and the command line that is meant. */
  readonly example?: (text: string) => { readonly files: Files; readonly line: string };
}

const settings: Readonly<Record<string, Setting>> = {
  // Where there is no config, there are no pipelines either.
  ASP4005: { files: project, besides: ["ASP4050"] },
  ASP4008: { files: project },
  ASP4015: { files: project },
  ASP4111: { files: { ...project, "test/fixtures/new-case/given/shop.events.ndjson": placed } },
  ASP4115: { files: oneCase },
  ASP4118: { files: { ...project, "events.ndjson": placed } },
  ASP4134: { files: oneCase },
  ASP4150: { files: project },
  ASP4151: { files: oneCase },
  ASP4152: {
    files: project,
    example: (paths) => ({ files: Object.fromEntries(linesOf(paths).map((path) => [path, placed])), line: "asp test" }),
  },
  ASP4153: {
    files: project,
    prepare: async (cwd) => {
      await runCli(["compile", "--out", "definitions"], { cwd });
      await addFiles(cwd, { "pipelines/orders.ts": processor("orders", "edited") });
    },
  },
  ASP4154: { files: {} },
  ASP4160: {
    files: project,
    example: (text) => ({ files: { "pipelines/orders.ts": around(text) }, line: "asp compile --format terraform" }),
  },
};

const around = (text: string): string =>
  processor("orders").replace("export default defineProcessor({", "const ours = {").replace("});", "};") +
  `const { pipeline } = ours;\n${text}`;

const linesOf = (text: string): readonly string[] =>
  text
    .trim()
    .split("\n")
    .map((line) => line.replace(/ +# .*$/u, ""));

/** The codes that a shell would show: it knows `cd`, variables before a command, and leaves git alone. */
async function codesOf({ files, prepare, example }: Setting, { text }: Fence): Promise<readonly string[]> {
  const given = example?.(text);
  let cwd = await makeFolder({ ...files, ...given?.files });
  await prepare?.(cwd);
  let shown = "";
  for (const line of linesOf(given?.line ?? text)) {
    const words = line.split(" ");
    const argv = words.slice(words.indexOf("asp") + 1);
    const variables = words.slice(0, words.indexOf("asp")).map((word) => word.split("="));
    const env = { ...process.env, CI: "", ...(Object.fromEntries(variables) as Files) } as Files;
    if (words[0] === "cd") cwd = join(cwd, words[1] ?? "");
    else if (words[0] !== "git") shown += (await runCli(argv, { cwd, env })).stderr;
  }
  return [...new Set([...shown.matchAll(/^\w+\[(ASP\d{4})\]/gmu)].map(([, code = ""]) => code))];
}

test.each(shownBy.commands)("the page of %s shows what leads to it and what does not", async (code) => {
  const { wrong, right } = readExamples(code);
  expect(wrong).toHaveLength(1);
  expect(right).toHaveLength(1);
  const setting = settingOf(settings, code);
  for (const fence of wrong) expect(await codesOf(setting, fence)).toEqual([code, ...(setting.besides ?? [])]);
  for (const fence of right) expect(await codesOf(setting, fence)).toEqual([]);
});
