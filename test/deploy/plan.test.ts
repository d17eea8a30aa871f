import { Double, Int32, Long, ObjectId } from "bson";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { labelOf } from "../../src/deploy/plan/step-label.ts";
import type { DesiredConnection } from "../../src/deploy/plan/desired.ts";
import { isSame, normalForm, textOf } from "../../src/deploy/plan/normal-form.ts";
import { isChange, type EditStep } from "../../src/deploy/plan/step.ts";
import { applyTo, desired, pipelineOf, planOf, recorded, remoteOf, started } from "./model.ts";

const paid = pipelineOf("events", "orders", { $match: { type: "Paid" } });
const edit = (before: readonly object[], after: readonly object[], more: object = {}): EditStep => {
  const { steps } = planOf([desired("orders", after, more)], remoteOf(started("orders", before)));
  const [step] = steps;
  if (step?.kind !== "edit") throw new Error(`it is ${step?.kind}`);
  return step;
};
const kinds = (...args: Parameters<typeof planOf>) => planOf(...args).steps.map((step) => [step.kind, labelOf(step)]);
const codes = (...args: Parameters<typeof planOf>) => planOf(...args).findings.map(({ code }) => code);

describe("what the service changes by itself is no difference", () => {
  test.each([
    ["1 and 1.0", 1, new Double(1)],
    ["1 and Int32", 1, new Int32(1)],
    ["a whole number and Long", 5_000_000_000, Long.fromNumber(5_000_000_000)],
    ["a double that no int64 and no shorter text tells from it", 2 ** 53, Long.fromString("9007199254740992")],
    ["0 and -0", 0, -0],
  ])("%s", (_, one, other) => {
    expect(isSame(one, other)).toBe(true);
    const [before, after] = [one, other].map((value) => pipelineOf("a", "b", { $match: { x: value } }));
    expect(kinds([desired("p", after ?? [])], remoteOf(started("p", before ?? [])))).toEqual([["keep", "p"]]);
  });

  test.each([
    ["the order of keys", { a: 1, b: 2 }, { b: 2, a: 1 }],
    ["the order of elements", [1, 2], [2, 1]],
    ["a number and its text", 1, "1"],
    ["integers that one double stands for", Long.fromString("9007199254740993"), Long.fromString("9007199254740992")],
    ["null and nothing", { a: null }, {}],
    ["an ObjectId and its text", new ObjectId("0123456789abcdef01234567"), "0123456789abcdef01234567"],
    [
      "integer-like keys in another order",
      new Map([
        ["2", 1],
        ["1", 1],
      ]),
      { 1: 1, 2: 1 },
    ],
  ])("%s is one", (_, one, other) => expect(isSame(one, other)).toBe(false));

  test("a difference shows numbers in one form, so that only what differs is shown", () => {
    const before = pipelineOf("a", "b", { $match: { x: new Double(10), y: 1 } });
    const { stages } = edit(before, pipelineOf("a", "b", { $match: { x: 10, y: 2 } }));
    expect(stages.map(({ kind }) => kind)).toEqual(["same", "changed", "same"]);
    expect(stages[1]?.lines.filter(({ sign }) => sign !== " ")).toEqual([
      { sign: "-", text: '    "y": 1' },
      { sign: "+", text: '    "y": 2' },
    ]);
  });
});

describe("a processor", () => {
  test("that is new is made and started", () => {
    const { steps } = planOf([desired("orders", paid, { tier: "SP30" })], remoteOf());
    expect(steps).toMatchObject([
      {
        kind: "create",
        name: "orders",
        starts: true,
        tier: { after: "SP30" },
        definition: { options: { tier: "SP30" } },
      },
    ]);
    expect(planOf([desired("orders", paid)], remoteOf(), { starts: false }).steps).toMatchObject([{ starts: false }]);
  });

  test.each([
    ["STARTED", "keep"],
    ["CREATED", "start"],
    ["STOPPED", "start"],
    ["FAILED", "start"],
    ["RELEASING", "keep"],
  ])("that is the same and %s: %s", (state, kind) => {
    expect(kinds([desired("orders", paid)], remoteOf(started("orders", paid, { state })))).toEqual([[kind, "orders"]]);
  });

  test("keeps its checkpoint over a stage that changes", () => {
    const step = edit(paid, pipelineOf("events", "orders", { $match: { type: "Shipped" } }));
    expect(step).toMatchObject({
      stops: true,
      starts: true,
      change: { resumeFromCheckpoint: true },
      verdict: { checkpoint: "keeps", rule: "stateless-change", lost: [], rebuild: [] },
    });
  });

  test("loses it with its source, and says what is to be rebuilt", () => {
    expect(edit(paid, pipelineOf("others", "orders", { $match: { type: "Paid" } }))).toMatchObject({
      change: { resumeFromCheckpoint: false },
      verdict: {
        checkpoint: "discards",
        rule: "source-changed",
        lost: ["the position in `$source`"],
        rebuild: ["shop.orders"],
      },
    });
  });

  test("that is a projection keeps what it made of events before, where its handlers change and its checkpoint stays", () => {
    const outdatedOf = (after: readonly object[], projections: ReadonlySet<string>, more: object = {}) => {
      const { steps } = planOf([desired("orders", after, more)], remoteOf(started("orders", paid)), { projections });
      const [step] = steps;
      return step?.kind === "edit" ? step.verdict.outdated : step?.kind;
    };
    const shipped = pipelineOf("events", "orders", { $match: { type: "Shipped" } });
    expect(outdatedOf(shipped, new Set(["orders"]))).toBe("shop.orders");
    expect(outdatedOf(shipped, new Set())).toBeUndefined();
    // What becomes of events is the same.
    expect(outdatedOf(paid, new Set(["orders"]), { tier: "SP50" })).toBeUndefined();
    // Then it is among what is to be rebuilt.
    expect(outdatedOf(pipelineOf("others", "orders"), new Set(["orders"]))).toBeUndefined();
  });

  test("is judged over numbers in one form, and over the order of integer-like keys", () => {
    const from = (pipeline: unknown) => [{ $source: { connectionName: "c", db: "d", config: { pipeline } } }];
    const sink = pipelineOf("a", "b").slice(1);
    const match = (x: unknown) => from([{ $match: { x } }]);
    expect(edit([...match(new Double(1)), ...sink], [...match(1), { $match: {} }, ...sink]).verdict.checkpoint).toBe(
      "keeps",
    );
    const keyed = (...keys: readonly string[]) => match(new Map(keys.map((key) => [key, 1])));
    expect(edit([...keyed("2", "1"), ...sink], [...keyed("1", "2"), ...sink]).verdict.rule).toBe("source-changed");
  });

  test("gives its checkpoint up where the definition says so", () => {
    const step = edit(paid, pipelineOf("events", "orders"), { resumeFromCheckpoint: false });
    expect(step.verdict).toMatchObject({ checkpoint: "discards", rule: "checkpoint-given-up" });
  });

  test("loses a dead letter queue that the project has not, and keeps what it does not mention", () => {
    const dlq = { connectionName: "c", db: "ops", coll: "dead" };
    const there = started("orders", paid, {
      dlq,
      failoverEnabled: true,
      autoscaling: { enabled: true, maxTier: "SP30" },
    });
    const [step] = planOf([desired("orders", paid)], remoteOf(there)).steps;
    expect(step).toMatchObject({
      kind: "edit",
      change: { dlq: null, resumeFromCheckpoint: true },
      options: [{ field: "dlq", before: "ops.dead of c" }],
      stages: [],
      verdict: { checkpoint: "keeps", rule: "unchanged" },
    });
    expect(
      kinds([desired("orders", paid, { dlq: { coll: "dead", db: "ops", connectionName: "c" } })], remoteOf(there)),
    ).toEqual([["keep", "orders"]]);
  });

  test("changes its tier with what that costs, where that is known", () => {
    const remote = { ...remoteOf(started("orders", paid)), defaults: { tier: "SP10", region: "westeurope" } };
    const [step] = planOf([desired("orders", paid, { tier: "SP30" })], remote).steps;
    expect(step).toMatchObject({
      kind: "edit",
      change: { tier: "SP30" },
      tier: { before: "SP10", after: "SP30", hourlyBefore: 0.2653, hourlyAfter: 0.5445 },
    });
  });

  test("is not to have a tier above the workspace's largest, nor to be given one that is too small", () => {
    const small = { ...remoteOf(), defaults: { tier: "SP2", maxTier: "SP10" } };
    expect(codes([desired("orders", paid, { tier: "SP30" })], small)).toEqual(["ASP6023"]);
    const wide = pipelineOf("events", "orders").map((stage) =>
      "$merge" in stage ? { $merge: { ...stage["$merge"], parallelism: 9 } } : stage,
    );
    expect(codes([desired("orders", wide)], small)).toEqual(["ASP6029"]);
    expect(codes([desired("orders", wide)], remoteOf(started("orders", wide, { tier: "SP30" })))).toEqual([]);
  });

  test("cannot change the name of its metadata field", () => {
    const wanted = desired("orders", paid, { streamMetaFieldName: "meta" });
    expect(codes([wanted], remoteOf(started("orders", paid)))).toEqual(["ASP6022"]);
    expect(codes([wanted], remoteOf(started("orders", paid, { streamMetaFieldName: "meta" })))).toEqual([]);
  });
});

describe("stages", () => {
  const a = { $match: { a: 1 } };
  const b = { $set: { b: 1 } };
  const c = { $unset: "c" };
  test.each([
    ["one in the middle is added", [a, c], [a, b, c], ["same", "added", "same"]],
    ["one is taken away", [a, b, c], [a, c], ["same", "removed", "same"]],
    ["two change places", [a, b], [b, a], ["removed", "same", "added"]],
    ["one becomes another", [a, b], [a, c], ["same", "removed", "added"]],
    ["one changes", [a, b], [a, { $set: { b: 2 } }], ["same", "changed"]],
  ])("%s", (_, before, after, expected) => {
    const { stages } = edit(pipelineOf("x", "y", ...before), pipelineOf("x", "y", ...after));
    expect(stages.slice(1, -1).map(({ kind }) => kind)).toEqual(expected);
  });
});

describe("ownership", () => {
  const remote = remoteOf(
    started("orders", paid),
    started("old", pipelineOf("a", "b")),
    started("theirs", pipelineOf("c", "d")),
  );
  const wanted = [desired("orders", paid)];

  test("that is not recorded: what has a name of the project's is its own, and nothing else is touched", () => {
    const planned = planOf(wanted, remote);
    expect(planned.steps.map(({ kind }) => kind)).toEqual(["keep"]);
    expect(planned.unmanaged).toEqual(["old", "theirs"]);
    expect(codes(wanted, remote, { prune: true })).toEqual(["ASP6027"]);
    expect(kinds(wanted, remote, { prune: true })).toEqual([["keep", "orders"]]);
  });

  test("that is recorded: --prune deletes what is the project's and no more in it, and only that", () => {
    const ownership = recorded("orders", "old");
    expect(kinds(wanted, remote, { ownership })).toEqual([["keep", "orders"]]);
    // It is the project's: only nobody has asked for it to go.
    expect(planOf(wanted, remote, { ownership })).toMatchObject({ unmanaged: ["theirs"], prunable: ["old"] });
    expect(kinds(wanted, remote, { ownership, prune: true })).toEqual([
      ["keep", "orders"],
      ["delete", "old"],
    ]);
    expect(planOf(wanted, remote, { ownership, prune: true })).toMatchObject({ unmanaged: ["theirs"], prunable: [] });
  });

  test("of what is there and not recorded is taken over", () => {
    const ownership = recorded("old");
    expect(kinds(wanted, remote, { ownership })).toEqual([["adopt", "orders"]]);
    const [step] = planOf([desired("orders", paid, { tier: "SP30" })], remote, { ownership }).steps;
    expect(step).toMatchObject({ kind: "edit", adopts: true });
  });

  test("of another project is respected", () => {
    const ownership = { kind: "recorded", own: new Set<string>(), others: new Map([["orders", "billing"]]) } as const;
    const { steps, findings } = planOf(wanted, remote, { ownership });
    expect(steps).toEqual([]);
    expect(findings).toMatchObject([{ code: "ASP6026", message: expect.stringContaining("`billing`") }]);
  });
});

describe("a rename", () => {
  const remote = remoteOf(started("charges", paid));
  const wanted = [desired("payments", paid)];

  test("of what is recorded as the project's is recognised, and keeps the checkpoint", () => {
    const { steps, unmanaged } = planOf(wanted, remote, { ownership: recorded("charges"), prune: true });
    expect(steps).toMatchObject([
      {
        kind: "rename",
        name: "payments",
        formerName: "charges",
        change: { name: "payments", resumeFromCheckpoint: true },
      },
    ]);
    expect(unmanaged).toEqual([]);
  });

  test("of what may be anybody's is asked about", () => {
    expect(kinds(wanted, remote)).toEqual([["create", "payments"]]);
    expect(planOf(wanted, remote).findings).toMatchObject([
      { code: "ASP6025", help: expect.stringContaining("charges=payments") },
    ]);
    const renames = new Map([["payments", "charges"]]);
    expect(kinds(wanted, remote, { renames })).toEqual([["rename", "payments"]]);
    expect(codes(wanted, remote, { renames })).toEqual([]);
  });

  test("with a change is one where the user says so", () => {
    const changed = [desired("payments", pipelineOf("events", "orders"))];
    const [step] = planOf(changed, remote, { renames: new Map([["payments", "charges"]]) }).steps;
    expect(step).toMatchObject({ kind: "rename", change: { name: "payments", pipeline: expect.any(Array) } });
    expect(kinds(changed, remote, { ownership: recorded("charges") })).toEqual([["create", "payments"]]);
  });

  test("that may be either of two is none", () => {
    const two = remoteOf(started("charges", paid), started("bills", paid));
    expect(kinds(wanted, two, { ownership: recorded("charges", "bills") })).toEqual([["create", "payments"]]);
  });
});

test("a processor that a rebuild was moving when it was killed is not made anew", () => {
  const versions = (...names: readonly string[]) =>
    remoteOf(...names.map((name) => started(name, pipelineOf("events", name), { state: "STOPPED" })));
  expect(codes([desired("orders", paid)], versions("orders__v1", "orders__v2"))).toEqual(["ASP6031"]);
  const { findings } = planOf([desired("orders", paid)], versions("orders__v1", "orders__v2"));
  expect(findings).toMatchObject([
    { severity: "error", processor: "orders", help: expect.stringContaining("asp rebuild orders -e production") },
  ]);
  const between = versions("orders", "orders__v2");
  expect(codes([desired("orders", paid)], between, { swaps: new Map([["orders", "swapping"]]) })).toEqual(["ASP6031"]);
  expect(codes([desired("orders", paid)], between, { swaps: new Map([["payments", "swapping"]]) })).toEqual([]);
  // One that has never run and is being built, one that was rebuilt, and one beside its next version.
  expect(codes([desired("orders", paid)], versions("orders__v2"))).toEqual([]);
  expect(codes([desired("orders", paid)], versions("orders", "orders__v1"))).toEqual([]);
  expect(codes([desired("orders", paid)], versions("orders", "orders__v2"))).toEqual([]);
});

describe("connections", () => {
  const kafka = (more: Partial<DesiredConnection> = {}): DesiredConnection => ({
    name: "c",
    type: "Cluster",
    isManaged: true,
    settings: { type: "Cluster", clusterName: "${CLUSTER}" },
    filled: { type: "Cluster", clusterName: "Cluster0" },
    ...more,
  });
  const wanted = [desired("orders", paid)];
  const without = { ...remoteOf(), connections: [] };
  const having = (settings: object, state = "READY") => ({
    ...remoteOf(),
    connections: [{ name: "c", type: "Cluster", state, settings }],
  });

  test("that are missing are made first, or found", () => {
    expect(kinds(wanted, without, { connections: [kafka()] })).toEqual([
      ["create-connection", "c"],
      ["create", "orders"],
    ]);
    expect(codes(wanted, without)).toEqual(["ASP6020"]);
    expect(codes(wanted, without, { connections: [kafka()], unmanageable: "wire" })).toEqual(["ASP6024"]);
  });

  test("that nobody uses are left alone", () => {
    expect(kinds([], without, { connections: [kafka()] })).toEqual([]);
  });

  test("are compared with their variables filled in, and shown without", () => {
    expect(kinds(wanted, having({ clusterName: "Cluster0", extra: 1 }), { connections: [kafka()] })).toEqual([
      ["create", "orders"],
    ]);
    const { steps } = planOf(wanted, having({ clusterName: "Old" }), { connections: [kafka()] });
    expect(steps[0]).toMatchObject({
      kind: "edit-connection",
      fields: [{ field: "clusterName", before: "Old", after: "${CLUSTER}" }],
    });
  });

  test("never show a secret, and are not changed because of one", () => {
    const authentication = { username: "u", password: "s3cret" };
    const wantedOne = kafka({
      filled: { type: "Cluster", authentication },
      settings: { type: "Cluster", authentication },
    });
    expect(kinds(wanted, having({ authentication: { username: "u" } }), { connections: [wantedOne] })).toEqual([
      ["create", "orders"],
    ]);
  });

  test("that are of another type, or not ready, are told", () => {
    const other = { ...remoteOf(), connections: [{ name: "c", type: "Kafka", state: "PENDING", settings: {} }] };
    expect(codes(wanted, other, { connections: [kafka()] })).toEqual(["ASP6028", "ASP6021"]);
  });
});

describe("the order of steps", () => {
  test("is readers before writers, and what is deleted writers first", () => {
    const chain = [
      desired("a", pipelineOf("e", "x")),
      desired("b", pipelineOf("x", "y")),
      desired("c", pipelineOf("y", "z")),
    ];
    expect(kinds(chain, remoteOf()).map(([, name]) => name)).toEqual(["c", "b", "a"]);
    const remote = remoteOf(...chain.map(({ definition: { name, pipeline } }) => started(name, pipeline)));
    const ownership = recorded("a", "b", "c");
    expect(kinds([], remote, { ownership, prune: true }).map(([, name]) => name)).toEqual(["a", "b", "c"]);
  });
});

const collection = fc.constantFrom("e", "f", "g", "h");
const number = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.constantFrom(1.5, 5_000_000_000));
const stage = fc.oneof(
  number.map((x) => ({ $match: { x } })),
  number.map((y) => ({ $set: { y, z: { $add: ["$x", y] } } })),
);
const window = number.map((size) => ({
  $tumblingWindow: { interval: { size: Math.abs(size), unit: "hour" }, pipeline: [{ $group: { _id: "$x" } }] },
}));
const pipeline = fc
  .tuple(collection, collection, fc.array(fc.oneof({ weight: 3, arbitrary: stage }, window), { maxLength: 3 }))
  .map(([from, to, between]) => pipelineOf(from, to, ...between));
const dlq = fc.option(
  fc.constantFrom("d1", "d2").map((coll) => ({ connectionName: "c", db: "ops", coll })),
  { nil: undefined },
);
const tier = fc.option(fc.constantFrom("SP10", "SP30"), { nil: undefined });
const wantedState = fc
  .uniqueArray(fc.tuple(fc.constantFrom("p", "q", "r", "s"), pipeline, dlq, tier), { selector: ([name]) => name })
  .map((all) =>
    all.map(([name, stages, queue, size]) => desired(name, stages, { ...(queue && { dlq: queue }), tier: size })),
  );
const presentState = fc
  .uniqueArray(
    fc.tuple(
      fc.constantFrom("p", "q", "r", "t"),
      pipeline,
      dlq,
      fc.constantFrom("CREATED", "STARTED", "STOPPED", "FAILED"),
    ),
    { selector: ([name]) => name },
  )
  .map((all) =>
    remoteOf(
      ...all.map(([name, stages, queue, state]) => started(name, stages, { state, ...(queue && { dlq: queue }) })),
    ),
  );

describe("laws", () => {
  test("after its steps a plan has nothing to do", () => {
    fc.assert(
      fc.property(wantedState, presentState, fc.boolean(), (wanted, remote, prune) => {
        const ownership = recorded("p", "q", "r", "t");
        const more = { ownership, prune };
        const after = applyTo(remote, planOf(wanted, remote, more).steps);
        // What was made is recorded.
        const then = { ownership: recorded("p", "q", "r", "s", "t"), prune };
        expect(planOf(wanted, after, then).steps.filter(isChange)).toEqual([]);
        for (const { definition } of wanted) {
          const found = after.processors.find(({ name }) => name === definition.name);
          expect(found?.state).toBe("STARTED");
          expect(isSame(found?.pipeline, definition.pipeline)).toBe(true);
          expect(isSame(found?.dlq ?? null, definition.options?.dlq ?? null)).toBe(true);
        }
      }),
    );
  });

  test("what is not the project's is never in a step", () => {
    fc.assert(
      fc.property(wantedState, presentState, (wanted, remote) => {
        const { steps, unmanaged } = planOf(wanted, remote, { ownership: recorded(), prune: true });
        const touched = steps.flatMap((step) => ("name" in step ? [step.name] : []));
        expect(touched.filter((name) => unmanaged.includes(name))).toEqual([]);
        expect(steps.filter(({ kind }) => kind === "delete" || kind === "rename")).toEqual([]);
      }),
    );
  });

  test("the normal form is its own, and equal texts are equal values", () => {
    fc.assert(
      fc.property(
        fc.json().map((text): unknown => JSON.parse(text)),
        (value) => {
          expect(textOf(normalForm(value))).toBe(textOf(value));
        },
      ),
    );
  });

  test("readers come before writers, where there is no circle", () => {
    const levels = fc.array(fc.nat({ max: 5 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(levels, (all) => {
        const wanted = all.map((level, index) => desired(`p${index}`, pipelineOf(`l${level}`, `l${level + 1}`)));
        const order = planOf(wanted, remoteOf()).steps.map((step) => Number("name" in step ? step.name.slice(1) : -1));
        const at = order.map((index) => all[index] ?? 0);
        for (const [place, level] of at.entries()) {
          // Nobody who stands later reads what this one writes.
          expect(at.slice(place + 1)).not.toContain(level + 1);
        }
      }),
    );
  });
});
