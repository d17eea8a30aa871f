import { expect, test } from "vitest";
import { loadProject } from "../../src/testing/project.ts";
import { temporaryProject } from "./temporary-project.ts";

const config = `
events: { connectionName: events, db: shop, coll: events }
connections: { events: { type: Cluster }, domain: { type: Cluster } }
environments:
  local: { target: emulator, dlq: { connectionName: domain, db: ops, coll: dead_letters } }
`;

function projection(name: string, handler: string, before = ""): string {
  return `import { defineProjection } from "asp-toolkit";
${before}
export default defineProjection({
  name: "${name}",
  into: { connectionName: "domain", db: "shop", coll: "${name}" },
  initial: { n: 0 },
  on: {
    ItemAdded: ({ data }) => ({ n: data.n }),
    ItemRemoved: ${handler},
  },
});
`;
}

const found = async (files: Readonly<Record<string, string>>) => {
  const { findings, definitions } = await loadProject({
    cwd: await temporaryProject({ "atlas.config.yaml": config, ...files }),
    timeLimit: 500,
  });
  const shown = findings.filter(({ code }) => code === "ASP4174");
  return {
    shown: shown.map(({ file, line, message }) => `${file}:${line} ${message}`),
    names: [...definitions.keys()],
  };
};

test("a handler that runs without an end is named, and the other projections are compiled", async () => {
  const { shown, names } = await found({
    "pipelines/a.ts": projection("a", "() => { for (;;) { /* on and on */ } }"),
    "pipelines/b.ts": projection("b", "() => endless()", "const endless = (): object => { while (true) ; };"),
    "pipelines/c.ts": projection(
      "c",
      "() => { const n = []; for (const each of [1, 2]) n.push(each); return { n: n.length }; }",
    ),
  });
  expect(shown).toEqual([
    "pipelines/a.ts:9 the handler `ItemRemoved` runs without an end: nothing has stopped it within 0.5 s",
    "pipelines/b.ts:3 a handler of `b` runs without an end: nothing has stopped it within 0.5 s",
  ]);
  expect(names).toEqual(["c"]);
}, 30_000);
