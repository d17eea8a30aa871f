import { describe, expect, test } from "vitest";
import { stageTable } from "../../src/stages/index.ts";
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

  test("runs the stages of this version, and describes what they take", () => {
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
      "$merge",
    ]);
    for (const { args, summary } of running) {
      expect(args).toBeDefined();
      expect(summary).toMatch(/^[A-Z].*\.$/);
    }
  });

  test("has no stage that it also says ASP lacks", () => {
    expect([...stageTable.keys()].filter((name) => serverOnly.has(name))).toEqual([]);
  });
});
