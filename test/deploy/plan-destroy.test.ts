import { expect, test } from "vitest";
import { labelOf } from "../../src/deploy/plan/step-label.ts";
import { planDestroy, type DestroyInput } from "../../src/deploy/plan/plan-destroy.ts";
import { environment, pipelineOf, recorded, remoteOf, started, unrecorded } from "./model.ts";

const remote = remoteOf(
  started("down", pipelineOf("events", "orders")),
  started("up", pipelineOf("raw", "events")),
  started("theirs", pipelineOf("raw", "sales")),
);

const input: DestroyInput = {
  remote,
  ownership: unrecorded,
  environment,
  names: new Set(["down", "up", "elsewhere"]),
  only: [],
  connections: [
    {
      name: "c",
      type: "Cluster",
      isManaged: true,
      settings: { type: "Cluster" },
      filled: { type: "Cluster" },
    },
  ],
  managesConnections: true,
};

function destroy(changes: Partial<DestroyInput> = {}) {
  const { steps, findings, unmanaged } = planDestroy({ ...input, ...changes });
  const all = steps.map((step) => [step.kind, labelOf(step)].join(" "));
  return { all, findings: findings.map(({ code, message }) => `${code} ${message}`), unmanaged };
}

test("by names: writers first, and what others use stays", () => {
  expect(destroy()).toEqual({ all: ["delete up", "delete down"], findings: [], unmanaged: ["theirs"] });
});

test("by the record: also what the project no longer has, and not what only has a name of its", () => {
  const ownership = recorded("down", "theirs", "gone");
  expect(destroy({ ownership })).toEqual({
    all: ["delete theirs", "delete down"],
    findings: [],
    unmanaged: ["up"],
  });
});

test("a connection that the project manages goes with its last user, where the target can do that", () => {
  const ownership = recorded("down", "up", "theirs");
  expect(destroy({ ownership }).all.at(-1)).toBe("delete-connection c");
  expect(destroy({ ownership, managesConnections: false }).all).toHaveLength(3);
  expect(destroy({ ownership, only: ["up", "down", "theirs"] }).all).toHaveLength(3);
});

test("--only takes what it names, and says of others why not", () => {
  expect(destroy({ only: ["up"] })).toEqual({ all: ["delete up"], findings: [], unmanaged: ["theirs"] });
  expect(destroy({ only: ["theirs", "nobody"] })).toMatchObject({
    all: [],
    findings: [
      "ASP6053 `theirs` is not destroyed: it is not this project's",
      "ASP6053 `nobody` is not destroyed: the workspace has no processor of this name",
    ],
  });
  const ownership = { kind: "recorded", own: new Set<string>(), others: new Map([["up", "billing"]]) } as const;
  expect(destroy({ only: ["up"], ownership }).findings).toEqual([
    "ASP6053 `up` is not destroyed: it belongs to the project `billing`",
  ]);
});

test("a name that is misspelt gets a suggestion among the project's own", () => {
  const { findings } = planDestroy({ ...input, only: ["dwon"] });
  expect(findings).toMatchObject([{ notes: ["this project's: down, up"], help: "did you mean `down`?" }]);
});
