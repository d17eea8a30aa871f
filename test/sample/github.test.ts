import { EJSON } from "bson";
import { expect, test } from "vitest";
import { githubEvents } from "../fixtures/github/given/github.events.ts";
import { foldIssues, foldRepositories } from "./github-fold.ts";

// The expected read models come from here, never from `asp test --update`: `npx vitest run test/sample -u` writes them.
const events = githubEvents();
const then = (name: string): string => `../fixtures/github/then/github.${name}.ndjson`;

test("all 329 payloads are given, in order of time and each with the next version of its stream", () => {
  expect(events).toHaveLength(329);
  const times = events.map(({ occurredAt }) => occurredAt.getTime());
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  for (const stream of new Set(events.map(({ streamId }) => streamId))) {
    const versions = events.filter(({ streamId }) => streamId === stream).map(({ version }) => version);
    expect(versions).toEqual(versions.map((_, index) => index + 1));
  }
});

test("the events of a repository are in its own stream, those that lack one in a stream of their account", () => {
  for (const { streamId, data } of events) {
    const { repository } = data as { readonly repository?: { readonly id: number } };
    expect(streamId).toMatch(repository === undefined ? /^(organization|account)-/ : `repository-${repository.id}`);
  }
});

test("the issues that `asp test` expects are what a plain fold makes of the events", async () => {
  await expect(toNdjson(foldIssues(events))).toMatchFileSnapshot(then("issues"));
});

test("the repositories that `asp test` expects are what a plain fold makes of the events", async () => {
  await expect(toNdjson(foldRepositories(events))).toMatchFileSnapshot(then("repositories"));
});

function toNdjson(documents: ReadonlyMap<unknown, object>): string {
  return [...documents].map(([_id, view]) => `${EJSON.stringify({ _id, ...view })}\n`).join("");
}
