import { serialize } from "bson";
import { AvroError, type AvroType } from "../core/avro/avro-type.ts";
import { decodeAvro } from "../core/avro/decode-avro.ts";
import { encodeAvro } from "../core/avro/encode-avro.ts";
import { parseAvroSchema, type AvroNames } from "../core/avro/parse-avro-schema.ts";
import { parseValueSchema, subjectOf, type ValueSchema } from "../core/avro/value-schema.ts";
import { joinWireFormat, splitWireFormat } from "../core/avro/wire-format.ts";
import { decodeExact } from "../core/exact-bson.ts";
import { emptyDocument } from "../core/kafka/message-document.ts";
import type { Coded } from "../core/kafka/key-format.ts";
import type { Answer, RegisteredSchema, SchemaRegistry } from "./schema-registry.ts";

/** A schema that is not there may be there later. */
const forgetsRefusalMs = 10_000;
/** Of junk, each value may name a schema of its own. */
const mostRemembered = 1000;
const askedAtOnce = 8;

/** Makes documents of Avro values, by the schema whose id each begins with. */
export function createAvroReader(registry: SchemaRegistry): (value: Uint8Array | null) => Promise<Coded<Uint8Array>> {
  const types = createMemory<number, AvroType>(async (id) => {
    const found = await registry.schemaById(id);
    return "reason" in found ? found : parseRegistered(found.value);
  });
  return async (value) => {
    if (value === null) return { value: emptyDocument };
    const wire = splitWireFormat(value);
    if (wire === undefined) return { reason: "the value is not Avro: it does not begin with a schema's id" };
    const type = await types(wire.id);
    if ("reason" in type) return { reason: `the value's schema ${wire.id} cannot be used: ${type.reason}` };
    return attempt(() => {
      const decoded = decodeAvro(wire.payload, type.value);
      if (!(decoded instanceof Map)) throw new AvroError("the value is no record");
      return serialize(decoded);
    });
  };
}

/** Makes Avro values of documents. */
export interface AvroWriter {
  /** @param schema as the pipeline has it, or as it was evaluated for the document */
  write(document: Uint8Array, schema: unknown, topic: string): Promise<Coded<Uint8Array>>;
}

export function createAvroWriter(registry: SchemaRegistry): AvroWriter {
  const schemas = new Map<unknown, ValueSchema>();
  const ids = createMemory<string, number>((key) => {
    const [subject, register, text] = JSON.parse(key) as [string, boolean, string];
    return registry.idOf(subject, text, { register });
  });
  const known = (schema: unknown): ValueSchema => {
    const parsed = schemas.get(schema) ?? parseValueSchema(schema);
    // Of one that is evaluated, each document has its own.
    if (schemas.size < 100) schemas.set(schema, parsed);
    return parsed;
  };
  return {
    write: async (document, schema, topic) => {
      const prepared = attempt(() => {
        const parsed = known(schema);
        return {
          parsed,
          subject: subjectOf(parsed, topic),
          payload: encodeAvro(decodeExact(document), parsed.type),
        };
      });
      if ("reason" in prepared) return prepared;
      const { parsed, subject, payload } = prepared.value;
      const id = await ids(JSON.stringify([subject, parsed.autoRegister, parsed.text]));
      if ("reason" in id) return { reason: `the schema of \`${subject}\` cannot be used: ${id.reason}` };
      return { value: joinWireFormat(id.value, payload) };
    },
  };
}

function parseRegistered({ text, kind, references }: RegisteredSchema): Answer<AvroType> {
  if (kind !== "AVRO") return { reason: `it is of type ${kind}` };
  return attempt(() => {
    const names: AvroNames = new Map();
    for (const each of references) parseAvroSchema(JSON.parse(each), names);
    return parseAvroSchema(JSON.parse(text), names);
  });
}

/** Asks once for each key; what was refused is asked for again after a while, and an error at once. */
function createMemory<Key, Value>(ask: (key: Key) => Promise<Answer<Value>>): (key: Key) => Promise<Answer<Value>> {
  const answers = new Map<Key, { readonly answer: Promise<Answer<Value>>; readonly askedAt: number }>();
  const waiting: (() => void)[] = [];
  let asking = 0;
  const askInTurn = async (key: Key): Promise<Answer<Value>> => {
    while (asking >= askedAtOnce) await new Promise<void>((resolve) => waiting.push(resolve));
    asking += 1;
    try {
      return await ask(key);
    } finally {
      asking -= 1;
      waiting.shift()?.();
    }
  };
  const forgetOldest = (): void => {
    const [oldest] = answers.keys();
    if (oldest !== undefined && answers.size > mostRemembered) answers.delete(oldest);
  };
  return async (key) => {
    const known = answers.get(key);
    const found = known ?? { answer: askInTurn(key), askedAt: performance.now() };
    answers.set(key, found);
    forgetOldest();
    try {
      const answer = await found.answer;
      if ("reason" in answer && performance.now() - found.askedAt > forgetsRefusalMs) answers.delete(key);
      return answer;
    } catch (error) {
      answers.delete(key);
      throw error;
    }
  };
}

/** The reason where a value or a schema cannot be used. */
function attempt<Value>(work: () => Value): Coded<Value> {
  try {
    return { value: work() };
  } catch (error) {
    if (error instanceof AvroError || error instanceof SyntaxError || error instanceof RangeError)
      return { reason: error.message };
    throw error;
  }
}
