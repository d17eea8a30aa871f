import { serialize, type Document } from "bson";
import { expect, test, vi } from "vitest";
import { plainNumbers } from "../../../src/emulator/workspace/plain-numbers.ts";
import { createSampler, type Sampler } from "../../../src/emulator/workspace/sampler.ts";
import { defaultLimits } from "../../../src/emulator/wire/limits.ts";
import { createOpenSamples, type OpenSamples, type Sampled } from "../../../src/emulator/wire/open-samples.ts";
import { createSession } from "../../../src/emulator/wire/session.ts";

const session = createSession("127.0.0.1:1");
const sampler = (): Sampler => createSampler({ workspaceName: "w", waits: true, now: () => 0 });
const offer = (to: Sampler, documents: readonly Document[]): void => {
  void to.offer({ documents: () => documents.map((document) => serialize(document)), letters: [] });
};

interface Opened {
  readonly samples: OpenSamples;
  readonly cursorId: bigint;
  readonly take: (cursorId: bigint, most?: number) => { readonly next: bigint; readonly messages: readonly unknown[] };
}

function open(sample: Sampler, options: Partial<Sampled> = {}): Opened {
  const samples = createOpenSamples(defaultLimits);
  const end = (): void => sample.end({ discard: true });
  const sampled = { processor: "p", sample, isProcess: false, end, failure: () => undefined, ...options };
  const cursorId = samples.add(sampled, session);
  const take: Opened["take"] = (cursor, most = 5) => {
    const { next, messages } = samples.take({ cursorId: cursor, processor: "p", most }, session);
    return { next, messages: messages.map(plainNumbers) };
  };
  return { samples, cursorId, take };
}

test("a cursor is asked again and again, until 0 comes with the last documents", () => {
  const sample = sampler();
  const { cursorId, take } = open(sample);
  const first = take(cursorId);
  expect(first.messages).toEqual([]);
  offer(sample, [{ a: 1 }, { a: 2 }, { a: 3 }]);
  const second = take(first.next, 2);
  expect(second.messages).toEqual([{ a: 1 }, { a: 2 }]);
  sample.end();
  expect(take(second.next)).toEqual({ next: 0n, messages: [{ a: 3 }] });
  expect(() => take(second.next)).toThrow(/cursor id \d+ not found/u);
});

test("each reply has another cursor, and earlier ones are understood", () => {
  const { cursorId, take } = open(sampler());
  const cursors = [cursorId];
  for (let round = 0; round < 5; round += 1) cursors.push(take(cursors.at(-1) ?? 0n).next);
  expect(new Set(cursors).size).toBe(6);
  expect(cursors.every((cursor) => cursor > 0n && cursor < 2n ** 63n)).toBe(true);
  for (const cursor of cursors) expect(take(cursor).messages).toEqual([]);
});

test("a cursor is its user's own, for its processor", () => {
  const { samples, cursorId } = open(sampler());
  const other = createSession("127.0.0.1:2");
  other.user = { name: "other", role: "readWrite" };
  expect(() => samples.take({ cursorId, processor: "p", most: 1 }, other)).toThrow(/not found/u);
  expect(() => samples.take({ cursorId, processor: "q", most: 1 }, session)).toThrow(/not found/u);
});

test("what fails says so after its last documents, in the service's words", () => {
  const sample = sampler();
  const { cursorId, take } = open(sample, { failure: () => ({ message: "the target is gone" }) });
  offer(sample, [{ a: 1 }, { a: 2 }]);
  sample.end();
  expect(take(cursorId, 1).messages).toEqual([{ a: 1 }]);
  expect(take(cursorId, 1)).toMatchObject({ messages: [{ a: 2 }], next: expect.any(BigInt) });
  expect(() => take(cursorId)).toThrow("Failed to sample stream processor results: the target is gone");
  expect(() => take(cursorId)).toThrow(/not found/u);
});

test("a batch fits into a reply, and what did not fit comes next", () => {
  const sample = sampler();
  const { cursorId, take } = open(sample);
  const text = "x".repeat(7_000_000);
  offer(sample, [
    { _id: 1, text },
    { _id: 2, text },
    { _id: 3, text },
  ]);
  sample.end();
  const ids = (batch: ReturnType<Opened["take"]>): readonly unknown[] =>
    batch.messages.map((document) => (document as Document)["_id"]);
  const first = take(cursorId);
  expect(ids(first)).toEqual([1, 2]);
  expect(first.next).not.toBe(0n);
  const second = take(first.next);
  expect([ids(second), second.next]).toEqual([[3], 0n]);
});

test("the name of a process stays until it is dropped", async () => {
  const sample = sampler();
  const end = vi.fn<() => void>();
  const { samples, cursorId, take } = open(sample, { isProcess: true, end });
  sample.end();
  expect(take(cursorId)).toEqual({ next: 0n, messages: [] });
  expect(end).not.toHaveBeenCalled();
  expect(await samples.dropProcess("p")).toBe(true);
  expect(end).toHaveBeenCalledOnce();
  expect(await samples.dropProcess("p")).toBe(false);
});

test("all are ended with the endpoint", async () => {
  const sample = sampler();
  const { samples, cursorId, take } = open(sample);
  await samples.close();
  expect(sample.isOver).toBe(true);
  expect(() => take(cursorId)).toThrow(/not found/u);
});
