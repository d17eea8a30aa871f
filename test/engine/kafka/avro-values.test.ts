import { expect, test } from "vitest";
import { createAvroReader } from "../../../src/engine/kafka/avro-values.ts";
import type { SchemaRegistry } from "../../../src/engine/kafka/schema-registry.ts";

/** An Avro value that says to be of a schema. */
function junk(id: number): Uint8Array {
  const value = new Uint8Array(8);
  new DataView(value.buffer).setUint32(1, id);
  return value;
}

test("junk that names ever new schemas neither floods the registry nor is remembered for ever", async () => {
  const asked: number[] = [];
  let [atOnce, most] = [0, 0];
  const registry: SchemaRegistry = {
    schemaById: async (id) => {
      asked.push(id);
      atOnce += 1;
      most = Math.max(most, atOnce);
      await new Promise((resolve) => setImmediate(resolve));
      atOnce -= 1;
      return { reason: "there is none" };
    },
    idOf: async () => ({ reason: "there is none" }),
  };
  const read = createAvroReader(registry);
  const ids = Array.from({ length: 3000 }, (_, id) => id);
  const values = await Promise.all(ids.map((id) => read(junk(id))));
  expect(new Set(values.map((value) => "reason" in value)).size).toBe(1);
  expect(values[7]).toEqual({ reason: "the value's schema 7 cannot be used: there is none" });
  expect(most).toBe(8);
  expect(asked).toHaveLength(3000);
  await read(junk(2999));
  expect(asked).toHaveLength(3000);
  await read(junk(0));
  expect(asked).toHaveLength(3001);
});
