import { EJSON, deserialize } from "bson";
import { exactTypes } from "../exact-bson.ts";

/** A BSON document as JSON on one line. */
export function toOutputJson(
  bson: Uint8Array,
  options: {
    readonly format: "relaxedJson" | "canonicalJson" | "basicJson";
    readonly dateFormat: "default" | "ISO8601";
  },
): string {
  return EJSON.stringify(deserialize(bson, exactTypes), { relaxed: options.format !== "canonicalJson" });
}
