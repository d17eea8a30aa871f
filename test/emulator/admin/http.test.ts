import { deserialize, Double, EJSON, Int32, Long, ObjectId, serialize, type Document } from "bson";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readMediaType, resolveVersion, toContentType } from "../../../src/emulator/admin/http/media-type.ts";
import { toPage } from "../../../src/emulator/admin/http/paging.ts";
import { createRateLimiter } from "../../../src/emulator/admin/http/rate-limiter.ts";
import { readBody } from "../../../src/emulator/admin/http/read-json.ts";
import { toRoutePath, toRoutePattern } from "../../../src/emulator/admin/http/route-path.ts";
import { writeJson } from "../../../src/emulator/admin/http/write-json.ts";

describe("a version", () => {
  const json = (date: string): string => `application/vnd.atlas.${date}+json`;
  const versions = ["2023-02-01", "2024-05-30"];

  test.each([
    [json("2024-05-30"), "2024-05-30"],
    [json("2025-03-12"), "2024-05-30"],
    [json("2024-05-29"), "2023-02-01"],
    [`${json("2023-02-01")};charset=utf-8`, "2023-02-01"],
    [`text/html, ${json("2023-03-01")}`, "2023-02-01"],
  ])("%s is answered by %s", (accept, date) => {
    expect(resolveVersion(accept, versions, "json")).toEqual({ date, format: "json" });
  });

  test.each([
    undefined,
    "*/*",
    "application/json",
    json("2023-01-31"),
    json("2023-02-30"),
    "application/vnd.atlas.2025-03-12+gzip",
  ])("%s is answered by none", (accept) => {
    expect(() => resolveVersion(accept, versions, "json")).toThrow(
      expect.objectContaining({ status: 406, errorCode: "INVALID_VERSION_DATE" }),
    );
  });

  test("is read as it is written", () => {
    for (const format of ["json", "gzip"] as const) {
      const type = { date: "2025-03-12", format };
      expect(readMediaType(toContentType(type))).toEqual(type);
    }
    expect(toContentType({ date: "2023-02-01", format: "gzip" })).toBe("application/vnd.atlas.2023-02-01+gzip");
  });
});

describe("pages", () => {
  test("one after the other, by their links, are the list", () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), fc.integer({ min: 1, max: 7 }), (all, itemsPerPage) => {
        const seen: number[] = [];
        let self: URL | undefined = new URL("https://host/list?pretty=true");
        let previous: string | undefined;
        while (self !== undefined) {
          const pageNum = Number(self.searchParams.get("pageNum") ?? 1);
          const page = toPage(all, { itemsPerPage, pageNum, includeCount: true }, self);
          expect(page.totalCount).toBe(all.length);
          expect(page.results.length).toBeLessThanOrEqual(itemsPerPage);
          const link = (wanted: string): string | undefined => page.links.find(({ rel }) => rel === wanted)?.href;
          expect(link("previous")).toBe(previous);
          previous = link("self");
          seen.push(...page.results);
          const next = link("next");
          self = next === undefined ? undefined : new URL(next);
          if (self !== undefined) expect(self.searchParams.get("pretty")).toBe("true");
        }
        expect(seen).toEqual(all);
      }),
    );
  });

  test("without a count have none", () => {
    const page = toPage([1], { itemsPerPage: 1, pageNum: 1, includeCount: false }, new URL("https://host/"));
    expect(page).not.toHaveProperty("totalCount");
  });
});

describe("a rate limit", () => {
  test("lets so many through at once, and as many again with time", () => {
    let time = 0;
    const limiter = createRateLimiter({ capacity: 2, refillPerMinute: 6 }, () => time);
    const take = (client = "a"): unknown => {
      const { remaining, retryAfterSeconds } = limiter.take(client);
      return retryAfterSeconds ?? { remaining };
    };
    expect([take(), take(), take()]).toEqual([{ remaining: 1 }, { remaining: 0 }, 10]);
    expect(take("b")).toEqual({ remaining: 1 });
    time += 9000;
    expect(take()).toBe(1);
    time += 1000;
    expect([take(), take()]).toEqual([{ remaining: 0 }, 10]);
    time += 3600_000;
    expect([take(), take(), take()]).toEqual([{ remaining: 1 }, { remaining: 0 }, 10]);
  });
});

describe("the path of a request", () => {
  test.each([
    ["/a/streams/w/processor/p:start?x=a:b", "/a/streams/w/processor/p/:start?x=a:b"],
    ["/a/streams/w/processor/p%3Astart", "/a/streams/w/processor/p/:start"],
    ["/a/streams:withSampleConnections", "/a/streams/:withSampleConnections"],
    ["/a/streams/w", "/a/streams/w"],
    ["/a/w/:start", "/:"],
    ["/:a/b", "/:"],
    ["/a/%3astart?b", "/:?b"],
  ])("%s is routed as %s", (target, path) => expect(toRoutePath(target)).toBe(path));

  test("a verb's route is of that form", () => {
    expect(toRoutePattern("/streams/{t}/processor/{p}:start")).toBe("/streams/:t/processor/:p/::start");
    expect(toRoutePattern("/streams/{t}")).toBe("/streams/:t");
  });
});

describe("a body", () => {
  const pipelineOf = (text: string): unknown => (readBody(`{"name":"p","pipeline":${text}}`) as Document)["pipeline"];

  test("keeps types and the order of keys in its pipeline", () => {
    const [stage] = pipelineOf(
      '[{"a":{"b":1,"10":2,"9":{"$numberLong":"3"}},"c":1.0,"d":2147483648,"e":1e2,"f":"1.0: 5","g":1.5}]',
    ) as [Document];
    expect([...(stage["a"] as Map<string, unknown>)]).toEqual([
      ["b", 1],
      ["10", 2],
      ["9", Long.fromNumber(3)],
    ]);
    const { c, d, e, f, g } = stage;
    expect([c, d, e, f, g]).toEqual([new Double(1), Long.fromNumber(2147483648), new Double(100), "1.0: 5", 1.5]);
  });

  test("is plain JSON elsewhere", () => {
    expect(readBody('{"name":"p","tier":1.0,"config":{"2":"a","1":"b"}}')).toEqual({
      name: "p",
      tier: 1,
      config: { "1": "b", "2": "a" },
    });
    expect(readBody("[1]")).toEqual([1]);
  });

  test("is what JSON.parse makes of it, where a pipeline has nothing of BSON", () => {
    const plain = fc
      .jsonValue({ maxDepth: 4 })
      .filter(
        (value) => !/"\d|\$|__proto__|_bsontype|\\u0000|[\d.]{9}|e[+-]?\d|-0\b|\d{10}/.test(JSON.stringify(value)),
      );
    fc.assert(
      fc.property(plain, (value) => {
        expect(pipelineOf(JSON.stringify([value]))).toEqual(JSON.parse(JSON.stringify([value])));
      }),
    );
  });

  test("the same bytes come out of BSON that was written as canonical Extended JSON", () => {
    const leaf = fc.oneof(
      fc.integer().map((value) => new Int32(value)),
      fc.double({ noNaN: true }).map((value) => new Double(value)),
      fc.maxSafeInteger().map((value) => Long.fromNumber(value)),
      fc.string(),
      fc.boolean(),
      fc.constant(new ObjectId()),
      fc.date({ noInvalidDate: true }),
    );
    const key = fc.string({ minLength: 1 }).filter((text) => !/^\$|\0|^__proto__$|^_bsontype$/u.test(text));
    const documents = fc.array(fc.dictionary(key, fc.oneof(leaf, fc.array(leaf), fc.dictionary(key, leaf))));
    fc.assert(
      fc.property(documents, (pipeline) => {
        const text = EJSON.stringify(deserialize(serialize({ pipeline }), { promoteValues: false })["pipeline"], {
          relaxed: false,
        });
        expect(serialize({ pipeline: pipelineOf(text) })).toEqual(serialize({ pipeline }));
      }),
    );
  });

  test.each([
    ["a prototype", '{"__proto__":{}}'],
    ["a prototype deep inside", '{"a":[{"__proto__":1}]}'],
    ["a type of the driver's", '{"pipeline":[{"_bsontype":"Code"}]}'],
    ["a mark of ours", String.raw`{"pipeline":[{"\u00001":1}]}`],
    ["too many levels", `{"pipeline":${"[".repeat(300)}${"]".repeat(300)}}`],
    ["half a text", '{"a":"'],
    ["nothing", " "],
  ])("with %s is refused", (_, text) => expect(() => readBody(text)).toThrow(SyntaxError));
});

describe("a reply", () => {
  test("has its own keys in alphabetical order, and those within as they are", () => {
    const value = {
      b: { z: 1, a: 2 },
      a: new Map([
        ["2", 1],
        ["1", undefined],
        ["0", null],
      ]),
      c: undefined,
    };
    expect(writeJson(value)).toBe('{"a":{"2":1,"0":null},"b":{"z":1,"a":2}}');
  });

  test("has numbers of BSON as numbers, and other types as Extended JSON", () => {
    const value = {
      a: [new Int32(1), new Double(2), Long.fromNumber(2 ** 40), 5n, 0.5, -0, Infinity],
      d: new Date(0),
      o: new ObjectId("0".repeat(24)),
    };
    expect(writeJson(value)).toBe(
      `{"a":[1,2,1099511627776,5,0.5,-0,{"$numberDouble":"Infinity"}],"d":{"$date":"1970-01-01T00:00:00Z"},"o":{"$oid":"${"0".repeat(24)}"}}`,
    );
  });

  test("is read back as it was", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.boolean(), (value, pretty) => {
        // Against the value and not against JSON.stringify, which loses the sign of -0.
        const again = JSON.parse(writeJson(value, { pretty })) as unknown;
        expect(again).toEqual(value);
      }),
    );
  });

  test("is the same whether all of it is JSON or a part of it is BSON", () => {
    const leaf = fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.date({ noInvalidDate: true }), fc.constant(undefined));
    const value = fc.oneof(leaf, fc.array(leaf), fc.dictionary(fc.string(), fc.oneof(leaf, fc.array(leaf))));
    fc.assert(
      fc.property(value, fc.boolean(), (part, pretty) => {
        const write = (last: unknown): string => writeJson([part, last], { pretty });
        // A Long is written by hand, and everything beside it.
        expect(write(Long.fromNumber(7))).toBe(write(7));
      }),
    );
  });

  test("is indented where it is to be pretty, and strange where a fault says so", () => {
    expect(writeJson({ a: [1, {}], b: [] }, { pretty: true })).toBe('{\n  "a": [\n    1,\n    {}\n  ],\n  "b": []\n}');
    expect(writeJson({ a: 1, b: { c: 1.5, d: [10, "10"] } }, { wholeAsDecimal: true, reversed: true })).toBe(
      '{"b":{"d":[10.0,"10"],"c":1.5},"a":1.0}',
    );
  });
});
