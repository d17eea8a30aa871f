import { expect, test } from "vitest";
import { statusOf, whyRefused, type Command, type WorkspaceState } from "../../../src/emulator/workspace/life-cycle.ts";

const states: readonly WorkspaceState[] = [
  "CREATED",
  "STARTING",
  "STARTED",
  "STOPPING",
  "STOPPED",
  "DROPPING",
  "FAILED",
];

test.each<[Command, readonly WorkspaceState[]]>([
  ["start", ["CREATED", "STOPPED", "FAILED"]],
  ["stop", ["STARTED"]],
  ["modify", ["CREATED", "STOPPED", "FAILED"]],
  ["drop", ["CREATED", "STARTED", "STOPPED", "DROPPING", "FAILED"]],
  ["sample", ["STARTED"]],
])("%s is taken in %j and in no other state", (command, taken) => {
  expect(states.filter((state) => whyRefused(command, state) === undefined)).toEqual(taken);
});

test("`stats.status` has a vocabulary of its own", () => {
  expect(states.map(statusOf)).toEqual(["created", "starting", "running", "stopping", "stopped", "stopping", "error"]);
});
