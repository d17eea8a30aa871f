import { expect, test } from "vitest";
import { labelOf } from "../../src/deploy/plan/step-label.ts";
import { dependenciesOf } from "../../src/deploy/plan/step-dependencies.ts";
import type { Step } from "../../src/deploy/plan/step.ts";
import { desired, environment, pipelineOf, planOf, recorded, remoteOf, started } from "./model.ts";

const [raw, events, orders, sales] = ["raw", "events", "orders", "sales"];
const upstream = pipelineOf(raw, events);
const downstream = pipelineOf(events, orders);
const other = pipelineOf(raw, sales);
const remote = remoteOf();

/** Name of each step → names of those that it waits for. */
function waiting(steps: readonly Step[], there = remote): Readonly<Record<string, readonly string[]>> {
  const nameAt = (place: number): string => {
    const step = steps[place];
    return step === undefined ? "" : labelOf(step);
  };
  const all = dependenciesOf(steps, there, environment);
  return Object.fromEntries(all.map((places, place) => [nameAt(place), [...places].map(nameAt)]));
}

test("who writes waits for who reads, and others for nobody", () => {
  const { steps } = planOf([desired("up", upstream), desired("down", downstream), desired("other", other)], remote);
  expect(waiting(steps)).toEqual({ down: [], up: ["down"], other: [] });
});

test("what need not be done is not waited for", () => {
  const there = remoteOf(started("down", downstream));
  const { steps } = planOf([desired("up", upstream), desired("down", downstream)], there);
  expect(waiting(steps, there)).toEqual({ down: [], up: [] });
});

test("a start knows its pipeline from the workspace", () => {
  const there = remoteOf(
    started("up", upstream, { state: "STOPPED" }),
    started("down", downstream, { state: "STOPPED" }),
  );
  const { steps } = planOf([desired("up", upstream), desired("down", downstream)], there);
  expect(waiting(steps, there)).toEqual({ down: [], up: ["down"] });
});

test("what uses a connection waits for it", () => {
  const { steps } = planOf([desired("up", upstream)], remote);
  const connections: readonly Step[] = ["c", "unused"].map((connection) => ({
    kind: "create-connection",
    connection,
    settings: { type: "Cluster" },
  }));
  expect(waiting([...connections, ...steps])).toEqual({ c: [], unused: [], up: ["c"] });
});

test("what is deleted comes after everything else, writers first; its connection after it", () => {
  const there = remoteOf(started("up", upstream), started("down", downstream));
  const { steps } = planOf([desired("other", other)], there, { prune: true, ownership: recorded("up", "down") });
  const last: Step = { kind: "delete-connection", connection: "c" };
  expect(waiting([...steps, last], there)).toEqual({
    other: [],
    up: ["other"],
    down: ["other", "up"],
    c: ["other", "up", "down"],
  });
});
