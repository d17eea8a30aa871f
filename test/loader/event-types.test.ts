import { describe, expect, test } from "vitest";
import { loadProject } from "../../src/testing/project.ts";
import { loadPipelines } from "../../src/loader/load-pipelines.ts";
import { project } from "./project.ts";

const module = (types: string, event = "Event", name = "orders", on = "on: { A: () => ({ a: 1 }) }"): string => `
import { defineProjection } from "asp-toolkit";
${types}
export default [defineProjection<{ a: number }, ${event}>({
  name: "${name}",
  into: { connectionName: "domain", db: "shop", coll: "${name}" },
  ${on},
})];
`;

async function typesOf(files: Readonly<Record<string, string>>): Promise<readonly string[] | undefined> {
  const loaded = await loadPipelines("pipelines", { cwd: await project(files) });
  expect(loaded.findings).toEqual([]);
  const [events] = await loaded.eventTypes();
  return events?.types?.map(({ name, place }) => `${name} ${place.file}:${place.line}:${place.column}`);
}

const here = (types: string, event?: string) => typesOf({ "pipelines/orders.ts": module(types, event) });

describe("event types are followed", () => {
  test.each([
    ["a union", 'type Event = { type: "A"; data: {} } | ({ readonly "type": "B" });'],
    ["interfaces", 'interface A { type: "A" } interface B { type: "B" } type Event = A | B;'],
    ["an interface that extends another", 'interface A { type: "A" | "B" } interface Event extends A { data: {} }'],
    ["an intersection", 'type Of = { data: {} }; type Event = Of & ({ type: "A" } | { type: "B" });'],
    ["a list of names", 'type Name = "A" | "B"; type Event = { type: Name };'],
    [
      "generic types",
      'type About<T extends string, D = {}> = { type: T; data: D }; type Event = About<"A"> | About<"B", 1>;',
    ],
    ["Readonly", 'type Event = Readonly<{ type: "A" }> | { type: "B" };'],
  ])("%s", async (_, types) => {
    expect((await here(types))?.map((each) => each.split(" ")[0])).toEqual(["A", "B"]);
  });

  test("through imports, to where they are written", async () => {
    const found = await typesOf({
      "pipelines/orders.ts": module('import type { All as Event } from "../domain/index.ts";'),
      "domain/index.ts": 'export type { OrderEvent as All } from "./orders.js";\n',
      "domain/orders.ts":
        'export * from "./more.ts";\nexport type OrderEvent = { type: "A" } | Placed;\nimport type { Placed } from "./more.ts";\n',
      "domain/more.ts": 'export interface Placed {\n  type: "B";\n}\n',
    });
    expect(found).toEqual(["A domain/orders.ts:2:34", "B domain/more.ts:2:9"]);
  });
});

describe("what needs a type checker is left alone", () => {
  test.each([
    ["a type from a package", 'import type { Event } from "some-package";'],
    ["a type that is not there", 'import type { Event } from "./nowhere.ts";'],
    ["any text", "type Event = { type: string };"],
    ["a computed text", "type Event = { type: `${string}Placed` };"],
    ["a part that cannot be followed", 'type Event = { type: "A" } | Mapped["x"]; type Mapped = { x: { type: "B" } };'],
    ["a conditional type", 'type Event = 1 extends 1 ? { type: "A" } : never;'],
    ["a circle", "type Event = Other; type Other = Event;"],
    ["a circle of modules", 'import type { Event } from "./orders.ts";'],
    ["Extract", 'type Event = Extract<{ type: "A" } | { type: "B" }, { type: "A" }>;'],
  ])("%s", async (_, types) => {
    expect(await here(types)).toBeUndefined();
  });

  test("a projection without type arguments", async () => {
    const text = module("").replace("<{ a: number }, Event>", "");
    expect(await typesOf({ "pipelines/orders.ts": text })).toBeUndefined();
  });
});

describe("in a project", () => {
  const config = `events: { connectionName: events, db: shop, coll: events }
connections: { events: { type: Cluster }, domain: { type: Cluster } }
environments: { local: { target: emulator } }
`;
  const union = 'export type Event = { type: "A" } | { type: "B" };\n';
  const importing = 'import type { Event } from "./events.ts";';
  const shown = async (files: Readonly<Record<string, string>>): Promise<readonly string[]> => {
    const cwd = await project({ "atlas.config.yaml": config, "pipelines/events.ts": union, ...files });
    const { findings } = await loadProject({ cwd });
    return findings.map(({ code, file, line, column, message }) => `${code} ${file}:${line}:${column} ${message}`);
  };

  test("an event without a handler is told once, where it is written", async () => {
    expect(
      await shown({
        "pipelines/a.ts": module(importing, "Event", "a"),
        "pipelines/b.ts": module(importing, "Event", "b"),
      }),
    ).toEqual(["ASP4073 pipelines/events.ts:1:45 no projection handles `B`"]);
  });

  test("a handler in another projection, or one for all, is enough", async () => {
    const other = module(importing, "Event", "b", "on: { B: () => ({ a: 2 }) }");
    expect(await shown({ "pipelines/a.ts": module(importing, "Event", "a"), "pipelines/b.ts": other })).toEqual([]);
    const all = module(importing, "Event", "b", 'on: { "*": () => ({ a: 2 }) }');
    expect(await shown({ "pipelines/a.ts": module(importing, "Event", "a"), "pipelines/b.ts": all })).toEqual([]);
  });

  test("a handler for no event is told at the handler", async () => {
    const wrong = module(
      importing,
      "Event",
      "a",
      'on: { A: () => ({ a: 2 }), "B": () => ({ a: 1 }), Bb: () => ({ a: 1 }) }',
    );
    expect(await shown({ "pipelines/a.ts": wrong })).toEqual([
      "ASP4074 pipelines/a.ts:7:53 there is a handler for `Bb`, and no event of that type",
    ]);
  });

  test("nothing is said while a processor does not compile, or when only some are asked for", async () => {
    const broken = module("", "any", "c", "on: {}");
    const files = { "pipelines/a.ts": module(importing, "Event", "a"), "pipelines/c.ts": broken };
    expect((await shown(files)).filter((each) => each.startsWith("ASP40"))).toEqual([]);
    const cwd = await project({ "atlas.config.yaml": config, "pipelines/events.ts": union, ...files });
    expect((await loadProject({ cwd, only: ["a"] })).findings).toEqual([]);
  });
});
