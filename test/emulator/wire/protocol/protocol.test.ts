import { deflateSync } from "node:zlib";
import {
  Binary,
  BSONError,
  Code,
  Decimal128,
  deserialize,
  Double,
  Long,
  ObjectId,
  serialize,
  Timestamp,
  type Document,
} from "bson";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkBson } from "../../../../src/emulator/wire/protocol/check-bson.ts";
import { compress, decompress } from "../../../../src/emulator/wire/protocol/compression.ts";
import { createFrameReader } from "../../../../src/emulator/wire/protocol/frame-reader.ts";
import { MalformedMessage } from "../../../../src/emulator/wire/protocol/malformed-message.ts";
import { opCodes } from "../../../../src/emulator/wire/protocol/op-codes.ts";
import { parseMessage } from "../../../../src/emulator/wire/protocol/parse-message.ts";
import { writeReply } from "../../../../src/emulator/wire/protocol/write-reply.ts";
import { decodeExact } from "../../../../src/engine/core/exact-bson.ts";
import { crc32c } from "../../../../src/engine/core/formats/crc32c.ts";
import { int32, message, opMsg, opQuery } from "./messages.ts";

const most = 48_000_000;
const refused = (read: () => unknown, text?: RegExp): void => {
  expect(read).toThrow(MalformedMessage);
  if (text !== undefined) expect(read).toThrow(text);
};

/** A value of each type that BSON has and drivers write. */
const values: Document = {
  double: 1.5,
  text: "é\0x",
  document: { a: { b: {} } },
  array: [1, [2]],
  binary: new Binary(Buffer.from([1, 2])),
  oldBinary: new Binary(Buffer.from([1, 2]), 2),
  id: new ObjectId(),
  yes: true,
  date: new Date(0),
  nothing: null,
  pattern: /a/u,
  code: new Code("x"),
  scoped: new Code("x", { y: 1 }),
  int: 1,
  stamp: new Timestamp({ t: 1, i: 2 }),
  long: Long.fromNumber(2 ** 40),
  decimal: Decimal128.fromString("1.0"),
};

describe("messages from a stream", () => {
  test("are cut out of it whatever the pieces", () => {
    const commands = fc.array(fc.record({ a: fc.string(), b: fc.integer() }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(commands, fc.array(fc.nat(40), { maxLength: 30 }), (documents, cuts) => {
        const messages = documents.map((document, requestId) => opMsg(document, { requestId }));
        const reader = createFrameReader();
        const read: Uint8Array[] = [];
        let rest = Buffer.concat(messages);
        for (const cut of [...cuts, rest.length]) {
          reader.push(rest.subarray(0, cut));
          rest = rest.subarray(cut);
          for (let next = reader.next(most); next !== undefined; next = reader.next(most)) read.push(next);
        }
        expect(read.map((bytes) => Buffer.from(bytes))).toEqual(messages);
        expect(reader.isHalf).toBe(false);
      }),
    );
  });

  test("a header that cannot be is refused before its message has come", () => {
    const header = (length: number, opCode: number): Uint8Array =>
      Buffer.concat([int32(length), int32(1), int32(0), int32(opCode)]);
    const read = (bytes: Uint8Array) => (): unknown => {
      const reader = createFrameReader();
      reader.push(bytes);
      return reader.next(1000);
    };
    expect(read(header(1000, opCodes.msg))()).toBeUndefined();
    refused(read(header(1001, opCodes.msg)), /more than 1000/u);
    refused(read(header(15, opCodes.msg)), /15 bytes/u);
    refused(read(header(-1, opCodes.msg)), /-1 bytes/u);
    refused(read(header(100, opCodes.reply)), /unknown opcode 1\b/u);
    refused(read(Buffer.from("GET / HTTP/1.1\r\n")), /unknown opcode/u);
  });
});

describe("a message", () => {
  test("holds a command with all types of BSON", () => {
    const parsed = parseMessage(opMsg(values, { requestId: 7 }));
    expect(parsed).toMatchObject({ requestId: 7, form: "msg", wantsReply: true, sequences: [], db: undefined });
    expect(Buffer.from(parsed.command)).toEqual(Buffer.from(serialize(values)));
  });

  test("may have arrays beside the command", () => {
    const documents = [{ a: 1 }, { b: 2 }];
    const { sequences } = parseMessage(opMsg({ insert: "x" }, { sequences: { documents, more: [] } }));
    expect(sequences.map(({ name, documents: found }) => [name, found.map((bytes) => deserialize(bytes))])).toEqual([
      ["documents", documents],
      ["more", []],
    ]);
  });

  test("may say that no reply is wanted, and more that need not be known", () => {
    expect(parseMessage(opMsg({ a: 1 }, { flags: 2 })).wantsReply).toBe(false);
    expect(parseMessage(opMsg({ a: 1 }, { flags: 0x10000 })).wantsReply).toBe(true);
    refused(() => parseMessage(opMsg({ a: 1 }, { flags: 4 })), /flag/u);
  });

  test("with a checksum is read where it is right", () => {
    const bytes = Buffer.concat([opMsg({ ping: 1 }, { flags: 1 }), Buffer.alloc(4)]);
    bytes.writeInt32LE(bytes.length, 0);
    bytes.writeUInt32LE(crc32c(bytes.subarray(0, -4)), bytes.length - 4);
    expect(deserialize(parseMessage(bytes).command)).toEqual({ ping: 1 });
    bytes.writeUInt32LE(crc32c(bytes.subarray(0, -5)), bytes.length - 4);
    refused(() => parseMessage(bytes), /checksum/u);
    refused(() => parseMessage(message(opCodes.msg, int32(1))), /checksum/u);
  });

  test.each<[string, Uint8Array, RegExp]>([
    ["no flags", Buffer.alloc(0), /breaks off/u],
    ["no section", int32(0), /without a command/u],
    [
      "two commands",
      Buffer.concat([int32(0), Buffer.from([0]), serialize({}), Buffer.from([0]), serialize({})]),
      /two/u,
    ],
    ["an unknown section", Buffer.concat([int32(0), Buffer.from([2])]), /unknown section 2/u],
    ["a section that is too long", Buffer.concat([int32(0), Buffer.from([1]), int32(100)]), /longer/u],
    ["a section with a negative length", Buffer.concat([int32(0), Buffer.from([1]), int32(-5)]), /longer/u],
    ["a section without a name", Buffer.concat([int32(0), Buffer.from([1]), int32(5), Buffer.from("x")]), /name/u],
    ["a document that is too long", Buffer.concat([int32(0), Buffer.from([0]), int32(6), Buffer.from([0])]), /longer/u],
  ])("with %s is refused", (_, body, text) => refused(() => parseMessage(message(opCodes.msg, body)), text));

  test("of the old form is read where it is a command", () => {
    const parsed = parseMessage(opQuery("admin.$cmd", { ismaster: 1 }));
    expect(parsed).toMatchObject({ form: "query", db: "admin", wantsReply: true });
    expect(deserialize(parsed.command)).toEqual({ ismaster: 1 });
    refused(() => parseMessage(opQuery("admin.users", {})), /no command/u);
    refused(() => parseMessage(message(opCodes.query, Buffer.from("\0\0\0\0x"))), /without a collection/u);
    refused(() => parseMessage(message(opCodes.query, Buffer.from("\0\0\0\0a.$cmd\0"))), /breaks off/u);
  });
});

describe("BSON", () => {
  const leaf = fc.oneof(
    ...[fc.string(), fc.integer(), fc.double(), fc.boolean(), fc.constant(null)],
    fc.constantFrom(...Object.values(values)),
  );
  const { document } = fc.letrec<{ document: Document }>((tie) => ({
    document: fc.dictionary(
      fc.string().filter((text) => !text.includes("\0")),
      fc.oneof({ maxDepth: 3 }, leaf, tie("document"), fc.array(leaf, { maxLength: 3 })),
      { maxKeys: 5 },
    ),
  }));

  test("that the library writes is taken", () => {
    fc.assert(fc.property(document, (value) => checkBson(serialize(value))));
  });

  test("that is taken is whole, however it was damaged", () => {
    const damage = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 });
    let taken = 0;
    fc.assert(
      fc.property(document, damage, fc.nat(20), (value, changes, cut) => {
        const bytes = Buffer.from(serialize(value));
        for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
        const damaged = cut < bytes.length ? bytes.subarray(0, bytes.length - (cut > 10 ? 0 : cut)) : bytes;
        try {
          checkBson(damaged);
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedMessage);
          return;
        }
        taken += 1;
        try {
          decodeExact(damaged);
        } catch (error) {
          // Such as an option that no pattern has: whole, and nothing that the library reads.
          expect(BSONError.isBSONError(error)).toBe(true);
        }
      }),
      { numRuns: 2000 },
    );
    expect(taken).toBeGreaterThan(20);
  });

  test("is refused where it is too deep, and read where it is just not", () => {
    const nest = (levels: number): Document => (levels === 1 ? {} : { a: nest(levels - 1) });
    checkBson(serialize(nest(200)));
    refused(() => checkBson(serialize(nest(201))), /200 levels/u);
    // So deep that reading it would overflow the stack.
    const levels = 100_000;
    const deep = Buffer.alloc(levels * 8 + 5);
    for (let level = 0; level <= levels; level += 1) {
      const at = level * 7;
      deep.writeInt32LE(deep.length - level * 8, at);
      if (level < levels) deep.set([3, 0x61, 0], at + 4);
    }
    refused(() => checkBson(deep), /200 levels/u);
  });
});

describe("a compressed message", () => {
  const plain = opMsg({ a: "x".repeat(1000) }, { requestId: 9 });

  test("is what it was", async () => {
    const compressed = await compress(plain);
    expect(compressed.length).toBeLessThan(plain.length / 4);
    expect(Buffer.from(await decompress(compressed, most))).toEqual(plain);
  });

  test.each<[string, (parts: { readonly body: Buffer; readonly size: number }) => Uint8Array, RegExp]>([
    ["of another compressor", ({ body, size }) => wrap(opCodes.msg, size, 1, body), /agreed/u],
    ["of another length", ({ body, size }) => wrap(opCodes.msg, size + 1, 2, body), /another length/u],
    ["that grows over its length", ({ body, size }) => wrap(opCodes.msg, size - 1, 2, body), /damaged/u],
    ["that is too long", ({ body }) => wrap(opCodes.msg, most, 2, body), /48000016 bytes/u],
    ["that is damaged", ({ size }) => wrap(opCodes.msg, size, 2, Buffer.from("x")), /damaged/u],
    ["in a compressed message", ({ body, size }) => wrap(opCodes.compressed, size, 2, body), /opcode 2012/u],
    ["that breaks off", () => message(opCodes.compressed, int32(1)), /breaks off/u],
  ])("%s is refused", async (_, make, text) => {
    const size = plain.length - 16;
    const bytes = make({ body: deflateSync(plain.subarray(16)), size });
    await expect(decompress(bytes, most)).rejects.toThrow(text);
    await expect(decompress(bytes, most)).rejects.toThrow(MalformedMessage);
  });
});

const wrap = (opCode: number, size: number, id: number, body: Buffer): Buffer =>
  message(opCodes.compressed, Buffer.concat([int32(opCode), int32(size), Buffer.from([id]), body]));

describe("a reply", () => {
  test("has the form of its command", () => {
    const reply = { cursorId: Long.fromNumber(7), ok: new Double(1) };
    const modern = Buffer.from(writeReply(reply, { form: "msg", requestId: 5 }));
    expect([modern.readInt32LE(0), modern.readInt32LE(8), modern.readInt32LE(12)]).toEqual([modern.length, 5, 2013]);
    expect(modern.subarray(21)).toEqual(Buffer.from(serialize(reply)));
    const old = Buffer.from(writeReply(reply, { form: "query", requestId: 5 }));
    expect([old.readInt32LE(12), old.readInt32LE(32)]).toEqual([1, 1]);
    expect(old.subarray(36)).toEqual(Buffer.from(serialize(reply)));
  });

  test("that no document can hold is refused and not cut off", () => {
    const tooLarge: readonly Document[] = [
      { a: "x".repeat(17_000_000) },
      { a: "x".repeat(40_000_000) },
      { a: Array.from({ length: 5 }, () => "x".repeat(4_000_000)) },
      { a: Array.from({ length: 3_000_000 }, () => 1.5) },
      { a: Array.from({ length: 1_200_000 }, () => new ObjectId("0123456789abcdef01234567")) },
      { a: Array.from({ length: 5 }, () => new Binary(new Uint8Array(4_000_000))) },
    ];
    for (const reply of tooLarge) expect(() => writeReply(reply, { form: "msg", requestId: 1 })).toThrow(RangeError);
  });
});
