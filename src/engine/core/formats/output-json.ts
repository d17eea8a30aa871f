import { createBsonReader, type BsonReader } from "./bson-reader.ts";
import { jsonWords, type DateFormat, type JsonWords, type OutputFormat } from "./json-words.ts";

/** How a sink writes documents as JSON. */
export interface OutputJsonOptions {
  readonly format: OutputFormat;
  readonly dateFormat: DateFormat;
}

/**
 * A BSON document as JSON on one line, its fields in their order, as the sinks of `$emit` write it.
 *
 * `canonicalJson` and `relaxedJson` are Extended JSON v2. Source: the Extended JSON specification, and asp-language section 1.7.
 *
 * @param bson a whole document
 */
export function toOutputJson(bson: Uint8Array, { format, dateFormat }: OutputJsonOptions): string {
  return readDocument(createBsonReader(bson), jsonWords(format, dateFormat));
}

function readDocument(reader: BsonReader, words: JsonWords): string {
  let json = "";
  reader.int32();
  for (let type = reader.byte(); type !== 0; type = reader.byte()) {
    const name = JSON.stringify(reader.cstring());
    json += `${json === "" ? "" : ","}${name}:${readValue(type, reader, words)}`;
  }
  return `{${json}}`;
}

function readArray(reader: BsonReader, words: JsonWords): string {
  let json = "";
  reader.int32();
  for (let type = reader.byte(); type !== 0; type = reader.byte()) {
    reader.cstring();
    json += `${json === "" ? "" : ","}${readValue(type, reader, words)}`;
  }
  return `[${json}]`;
}

/** Source of the type bytes: the BSON specification, bsonspec.org. */
function readValue(type: number, reader: BsonReader, words: JsonWords): string {
  switch (type) {
    case 0x01:
      return words.double(reader.double());
    case 0x02:
      return JSON.stringify(reader.string());
    case 0x03:
      return readDocument(reader, words);
    case 0x04:
      return readArray(reader, words);
    case 0x05:
      return words.binary(reader.binary());
    case 0x06:
      return words.undefined;
    case 0x07:
      return words.objectId(reader.bytes(12));
    case 0x08:
      return reader.byte() === 0 ? "false" : "true";
    case 0x09:
      return words.date(reader.int64());
    case 0x0a:
      return "null";
    case 0x0b:
      return words.regularExpression(reader.cstring(), reader.cstring());
    case 0x0c:
      return words.pointer(reader.string(), reader.bytes(12));
    case 0x0d:
      return words.code(reader.string());
    case 0x0e:
      return words.symbol(reader.string());
    case 0x0f: {
      reader.int32();
      return words.codeWithScope(reader.string(), readDocument(reader, words));
    }
    case 0x10:
      return words.int(reader.int32());
    case 0x11:
      return words.timestamp({ i: reader.uint32(), t: reader.uint32() });
    case 0x12:
      return words.long(reader.int64());
    case 0x13:
      return words.decimal(reader.bytes(16));
    case 0x7f:
      return words.maxKey;
    case 0xff:
      return words.minKey;
    default:
      throw new Error(`no BSON type has the number ${type}`);
  }
}
