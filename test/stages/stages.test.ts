import { describe, expect, test } from "vitest";
import type { TSchema } from "@sinclair/typebox";
import { stageTable } from "../../src/stages/index.ts";
import { payloadStages } from "../../src/stages/payload-stages.ts";
import { windowStages } from "../../src/stages/window-stages.ts";
import { serverOnly } from "../../src/stages/server-only.ts";

/** The support matrix of asp-language section 2: main pipeline, window, payload. */
const matrix = {
  "main window payload": ["$addFields", "$project", "$replaceRoot", "$set"],
  "main window": [
    "$match",
    "$redact",
    "$replaceWith",
    "$unset",
    "$unwind",
    "$validate",
    "$https",
    "$externalFunction",
    "$lookup",
  ],
  window: ["$group", "$sort", "$count", "$limit"],
  main: [
    "$source",
    "$merge",
    "$emit",
    "$cachedLookup",
    "$setStreamMeta",
    "$throttle",
    "$tumblingWindow",
    "$hoppingWindow",
    "$sessionWindow",
    "$iceberg",
    "$vectorSearch",
  ],
};

describe("the table of stages", () => {
  test.each(Object.entries(matrix))("has the stages of: %s", (contexts, names) => {
    const found = [...stageTable.values()]
      .filter(
        (stage) => stage.contexts.filter((each) => ["main", "window", "payload"].includes(each)).join(" ") === contexts,
      )
      .map(({ name }) => name);
    expect(found.toSorted()).toEqual(names.toSorted());
  });

  test.each([
    ["window", windowStages],
    ["payload", payloadStages],
  ] as const)("types the pipeline of a %s with exactly the stages that may stand there", (context, list) => {
    const allowed = [...stageTable.values()].filter(({ contexts }) => contexts.includes(context));
    expect(list.map(({ name }): string => name).toSorted()).toEqual(allowed.map(({ name }) => name).toSorted());
  });

  test("describes every stage, each of its forms and each of its fields", () => {
    for (const stage of stageTable.values()) {
      expect(stage.summary).toMatch(/^[A-Z].*\.$/);
      for (const { args, summary } of stage.variants ?? [stage]) {
        expect(summary).toMatch(/^[A-Z].*\.$/);
        expect(undescribed(args)).toEqual([]);
      }
    }
  });

  test("runs the stages of this version", () => {
    const running = [...stageTable.values()].filter(({ runs }) => runs);
    expect(running.map(({ name }) => name)).toEqual([
      "$source",
      "$match",
      "$project",
      "$addFields",
      "$set",
      "$unset",
      "$replaceRoot",
      "$replaceWith",
      "$redact",
      "$unwind",
      "$validate",
      "$lookup",
      "$https",
      "$externalFunction",
      "$group",
      "$sort",
      "$limit",
      "$count",
      "$cachedLookup",
      "$setStreamMeta",
      "$throttle",
      "$tumblingWindow",
      "$hoppingWindow",
      "$sessionWindow",
      "$merge",
      "$emit",
      "$iceberg",
    ]);
  });

  test("has no stage that it also says ASP lacks", () => {
    expect([...stageTable.keys()].filter((name) => serverOnly.has(name))).toEqual([]);
  });
});

/** Paths of fields without a description. */
function undescribed(schema: TSchema, path = ""): readonly string[] {
  const { properties, else: inner } = schema as {
    readonly properties?: Readonly<Record<string, TSchema>>;
    readonly else?: TSchema;
  };
  if (inner !== undefined) return undescribed(inner, path);
  return Object.entries(properties ?? {}).flatMap(([name, each]) => [
    ...((each.description ?? "").endsWith(".") ? [] : [path + name]),
    ...undescribed(each, `${path}${name}.`),
  ]);
}
