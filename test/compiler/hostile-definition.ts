import { Binary, BSONRegExp, Decimal128, Double, Long, ObjectId, Timestamp, UUID } from "bson";
import type { Definition } from "../../src/stages/definition.ts";

/** A name with everything that ends or begins something in JavaScript, JSON, HCL or a shell. */
export const hostileName = "a`${1}%{2}$${3}$$%%{4}\\u0024{\"'\\`\n\r\t\u2028\u2029\u0085e\u0301 é 🙂 JSON";

/** A definition with a value of every type, in which the order of keys matters, those included that objects reorder. */
export const hostileDefinition: Definition = {
  name: hostileName,
  pipeline: [
    {
      $source: {
        documents: [
          {
            b: Long.ONE,
            a: Decimal128.fromString("1.0"),
            big: Long.MAX_VALUE,
            int: 1,
            double: new Double(2),
            half: 1.5,
            at: new Date("2026-01-01T00:00:00.123Z"),
            before: new Date(-1),
            timestamp: new Timestamp({ t: 7, i: 3 }),
            uuid: new UUID("00112233-4455-4677-8899-aabbccddeeff"),
            bytes: new Binary(Uint8Array.of(0, 255), 0x80),
            id: new ObjectId("0123456789abcdef01234567"),
            regex: new BSONRegExp("^a`${b}/", "i"),
            text: hostileName,
            none: null,
            [hostileName]: "a key",
            $entries: [["1", "not ours"]],
            ...JSON.parse('{ "__proto__": { "constructor": 1 } }'),
          },
          new Map<string, unknown>([
            ["10", 1],
            [
              "2",
              new Map<string, unknown>([
                ["z", Long.ONE],
                ["1", new Date(0)],
              ]),
            ],
            ["b", [{ b: 1, a: 2 }]],
          ]),
        ],
      },
    },
    { $sort: { region: 1, city: 1 } },
    { $merge: { into: { connectionName: "domain", db: "shop", coll: "orders" } } },
  ],
  options: { dlq: { connectionName: "domain", db: "ops", coll: hostileName } },
};
