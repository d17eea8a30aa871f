import { describe, expect, test } from "vitest";
import type { DesiredCollection, DesiredIndex, DesiredWorkspace } from "../../src/deploy/plan/desired.ts";
import { dependenciesOf } from "../../src/deploy/plan/step-dependencies.ts";
import type { Remote, RemoteCluster, RemoteCollection, RemoteIndex } from "../../src/deploy/plan/remote.ts";
import { desired, environment, pipelineOf, planOf, remoteOf, started } from "./model.ts";

const orders = desired("orders", pipelineOf("events", "orders"));

describe("a workspace that the project manages", () => {
  const nowhere: Remote = { processors: [], connections: [], defaults: {}, isMissing: true };
  const workspace: DesiredWorkspace = { name: "commerce", provider: "AZURE", region: "westeurope", tier: "SP10" };
  const linked = [
    { name: "c", type: "Cluster", isManaged: true, settings: { type: "Cluster" }, filled: { type: "Cluster" } },
  ] as const;

  test("is made where there is none, before connections and processors", () => {
    const { steps, findings } = planOf([orders], nowhere, { workspace, connections: linked });
    expect(findings).toEqual([]);
    expect(steps).toMatchObject([
      {
        kind: "create-workspace",
        workspace: "commerce",
        settings: { provider: "AZURE", region: "westeurope", tier: "SP10" },
      },
      { kind: "create-connection", connection: "c" },
      { kind: "create", name: "orders", tier: { after: "SP10" } },
    ]);
    expect(dependenciesOf(steps, nowhere, environment).map((each) => [...each])).toEqual([[], [0], [0, 1]]);
  });

  test("needs a provider and a region for that", () => {
    const { steps, findings } = planOf([], nowhere, { workspace: { name: "commerce" } });
    expect(steps).toEqual([]);
    expect(findings.map(({ code, help }) => [code, help])).toEqual([
      ["ASP6010", "add `environments.production.provider`"],
      ["ASP6010", "add `environments.production.region`"],
    ]);
  });

  test("gets the tiers of the config, and only where they are others", () => {
    const remote = { ...remoteOf(), defaults: { tier: "SP30", region: "westeurope", provider: "AZURE" } };
    const { steps } = planOf([orders], remote, { workspace: { ...workspace, maxTier: "SP30" } });
    expect(steps).toMatchObject([
      {
        kind: "edit-workspace",
        change: { tier: "SP10", maxTier: "SP30" },
        fields: [
          { field: "tier", before: "SP30", after: "SP10" },
          { field: "maxTier", before: "SP50", after: "SP30" },
        ],
      },
      { kind: "create", tier: { after: "SP10" } },
    ]);
    const same = { ...remote, defaults: { ...remote.defaults, tier: "SP10" } };
    expect(planOf([], same, { workspace: { ...workspace, maxTier: "SP50" } })).toMatchObject({
      steps: [],
      findings: [],
    });
  });

  test("raises its largest tier for a processor that needs it", () => {
    const large = desired("orders", pipelineOf("events", "orders"), { tier: "SP50" });
    const remote = { ...remoteOf(), defaults: { tier: "SP10", maxTier: "SP10" } };
    expect(planOf([large], remote).findings.map(({ code }) => code)).toEqual(["ASP6023"]);
    expect(planOf([large], remote, { workspace: { name: "commerce", maxTier: "SP50" } }).findings).toEqual([]);
  });

  test("is not moved", () => {
    const remote = { ...remoteOf(), defaults: { tier: "SP10", region: "eastus", provider: "AZURE" } };
    const { steps, findings } = planOf([], remote, { workspace });
    expect(steps).toEqual([]);
    expect(findings).toMatchObject([
      {
        code: "ASP6061",
        severity: "error",
        message: expect.stringContaining("the region eastus, and the config says westeurope"),
      },
    ]);
  });

  test("cannot be changed through the wire, which is told only where it would have to be", () => {
    const remote = { ...remoteOf(), defaults: { tier: "SP10" } };
    expect(planOf([], remote, { workspace, unmanageable: "the wire" }).findings).toEqual([]);
    const { steps, findings } = planOf([], remote, {
      workspace: { ...workspace, tier: "SP30" },
      unmanageable: "the wire",
    });
    expect(steps).toEqual([]);
    expect(findings).toMatchObject([
      { code: "ASP6060", message: expect.stringContaining("another `tier`, and the wire") },
    ]);
  });
});

describe("collections and indexes", () => {
  const at = { cluster: "domain", db: "shop", coll: "orders" };
  const listed = (key: object, options: object = {}): DesiredIndex => ({ kind: "listed", key: { ...key }, options });
  const wants = (indexes: readonly DesiredIndex[], options: object | null = {}): DesiredCollection => ({
    ...at,
    ...(options && { options }),
    indexes,
  });
  const has = (indexes: readonly RemoteIndex[], more: Partial<RemoteCollection> = {}): RemoteCluster => ({
    kind: "read",
    collections: [{ db: "shop", coll: "orders", type: "collection", options: {}, indexes, ...more }],
  });
  const id: RemoteIndex = { name: "_id_", key: { _id: 1 } };
  const nothing: RemoteCluster = { kind: "read", collections: [] };
  const planned = (wanted: DesiredCollection, cluster: RemoteCluster) =>
    planOf([], remoteOf(), { collections: { desired: [wanted], clusters: new Map([["domain", cluster]]) } });

  test("are made where they are missing, a collection before its indexes, and both before processors", () => {
    const wanted = wants([listed({ customerId: 1, at: -1 }, { unique: true })], {
      changeStreamPreAndPostImages: { enabled: true },
    });
    const remote = remoteOf();
    const { steps } = planOf([orders], remote, {
      collections: { desired: [wanted], clusters: new Map([["domain", nothing]]) },
    });
    expect(steps).toMatchObject([
      { kind: "create-collection", ...at, options: { changeStreamPreAndPostImages: { enabled: true } } },
      { kind: "create-index", ...at, key: { customerId: 1, at: -1 }, options: { unique: true }, neededBy: [] },
      { kind: "create", name: "orders" },
    ]);
    expect(dependenciesOf(steps, remote, environment).map((each) => [...each])).toEqual([[], [0], [0, 1]]);
  });

  test.each([
    ["of another name", listed({ a: 1 }), { name: "mine", key: { a: 1 } }],
    ["with the usual options said", listed({ a: 1 }, { unique: false, sparse: false }), { name: "a_1", key: { a: 1 } }],
    [
      "with a collation that the server has filled in",
      listed({ a: 1 }, { collation: { locale: "de" } }),
      { name: "a_1", key: { a: 1 }, collation: { locale: "de", strength: 3 } },
    ],
    [
      "of texts",
      listed({ title: "text" }),
      { name: "title_text", key: { _fts: "text", _ftsx: 1 }, weights: { title: 1 }, default_language: "english" },
    ],
    [
      "with a filter",
      listed({ a: 1 }, { partialFilterExpression: { b: { $gt: 1 } } }),
      { name: "a_1", key: { a: 1 }, partialFilterExpression: { b: { $gt: 1 } } },
    ],
    [
      "for a `$merge`, whatever the order",
      { kind: "needed", fields: ["a", "b"], processor: "p" } as const,
      { name: "x", key: { b: -1, a: 1 }, unique: true },
    ],
  ] as const)("an index that is there is left alone: %s", (_, index, present) => {
    expect(planned(wants([index]), has([id, present]))).toMatchObject({ steps: [], findings: [] });
  });

  test.each([
    ["the same keys, not unique", listed({ a: 1 }, { unique: true }), { name: "a_1", key: { a: 1 } }, "`unique`"],
    ["the same keys, unique", listed({ a: 1 }), { name: "x", key: { a: 1 }, unique: true }, "`unique`"],
    ["the same name, other keys", listed({ a: 1 }, { name: "mine" }), { name: "mine", key: { b: 1 } }, "same name"],
    [
      "another order of keys under one name",
      listed({ a: 1, b: 1 }, { name: "i" }),
      { name: "i", key: { b: 1, a: 1 } },
      "same name",
    ],
    [
      "another age",
      listed({ at: 1 }, { expireAfterSeconds: 5 }),
      { name: "at_1", key: { at: 1 }, expireAfterSeconds: 6 },
      "`expireAfterSeconds`",
    ],
    [
      "another collation",
      listed({ a: 1 }, { collation: { locale: "de" } }),
      { name: "a_1", key: { a: 1 } },
      "`collation`",
    ],
    [
      "what a `$merge` needs, not unique",
      { kind: "needed", fields: ["a"], processor: "p" } as const,
      { name: "a_1", key: { a: 1 } },
      "`unique`",
    ],
  ] as const)("an index in the way is an error, and stays: %s", (_, index, present, reason) => {
    const { steps, findings } = planned(wants([index]), has([id, present]));
    expect(steps).toEqual([]);
    expect(findings).toMatchObject([
      {
        code: "ASP6063",
        severity: "error",
        message: expect.stringContaining(`\`shop.orders\` has an index \`${present.name}\` that is in the way of`),
        notes: [expect.stringContaining(reason), "asp drops no index and changes none"],
      },
    ]);
  });

  test("one index serves every `$merge`, and the config's own serves it too", () => {
    const needed = (processor: string, ...fields: string[]): DesiredIndex => ({ kind: "needed", fields, processor });
    const twice = planned(wants([needed("p", "a", "b"), needed("q", "b", "a")], null), nothing);
    expect(twice.steps).toMatchObject([
      { kind: "create-index", key: { a: 1, b: 1 }, options: { unique: true }, neededBy: ["p", "q"] },
    ]);
    const both = planned(wants([listed({ b: 1, a: 1 }, { unique: true }), needed("p", "a", "b")]), has([id]));
    expect(both.steps).toMatchObject([{ kind: "create-index", key: { b: 1, a: 1 }, neededBy: [] }]);
  });

  test("what can be set of a collection that is there is set", () => {
    const options = { validator: { a: 1 }, changeStreamPreAndPostImages: { enabled: true } };
    expect(planned(wants([], options), has([id])).steps).toMatchObject([
      { kind: "edit-collection", options, fields: [{ field: "validator" }, { field: "changeStreamPreAndPostImages" }] },
    ]);
    expect(planned(wants([], options), has([id], { options })).steps).toEqual([]);
    const usual = { validationLevel: "strict", changeStreamPreAndPostImages: { enabled: false } };
    expect(planned(wants([], usual), has([id])).steps).toEqual([]);
  });

  test("another kind of collection is an error", () => {
    const { steps, findings } = planned(wants([listed({ a: 1 })]), has([], { type: "view" }));
    expect(steps).toEqual([]);
    expect(findings).toMatchObject([{ code: "ASP6064", message: expect.stringContaining("`shop.orders` is a view") }]);
    const series = planned(wants([], { timeseries: { timeField: "at" } }), has([id]));
    expect(series.findings.map(({ code }) => code)).toEqual(["ASP6064"]);
  });

  test("a cluster that nobody has read is told once, with the commands to run by hand", () => {
    const wanted = [
      wants([listed({ at: 1 }, { partialFilterExpression: { at: { $gt: new Date(0) } } })], { validator: { a: 1 } }),
      { ...wants([{ kind: "needed", fields: ["a", "b"], processor: "p" }], null), coll: "totals" },
    ];
    const clusters = new Map([["domain", { kind: "unread", reason: "it has no `uri`" } as const]]);
    const { steps, findings } = planOf([], remoteOf(started("other", [])), {
      collections: { desired: wanted, clusters },
    });
    expect(steps).toEqual([]);
    expect(findings).toEqual([
      expect.objectContaining({
        code: "ASP6062",
        severity: "info",
        message: "the collections of `domain` are not looked at: it has no `uri`",
        notes: [
          'in mongosh: db.getSiblingDB("shop").createCollection("orders", {"validator":{"a":1}})',
          'in mongosh: db.getSiblingDB("shop").getCollection("orders").createIndex({"at":1}, EJSON.parse("{\\"partialFilterExpression\\":{\\"at\\":{\\"$gt\\":{\\"$date\\":\\"1970-01-01T00:00:00Z\\"}}}}"))',
          'in mongosh: db.getSiblingDB("shop").getCollection("totals").createIndex({"a":1,"b":1}, {"unique":true})',
        ],
      }),
    ]);
  });
});
