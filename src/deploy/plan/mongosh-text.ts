import type { Document } from "bson";
import { toEjson } from "../../compiler/emit/json.ts";
import type { DesiredCollection } from "./desired.ts";
import { toIndex } from "./compare-index.ts";

/** What makes a collection and its indexes by hand, a command each. */
export function toMongosh({ db, coll, options, indexes }: DesiredCollection): readonly string[] {
  const database = `db.getSiblingDB(${JSON.stringify(db)})`;
  const made = options === undefined ? [] : [`${database}.createCollection(${JSON.stringify(coll)}${rest(options)})`];
  return [
    ...made,
    ...indexes.map((index) => {
      const { key, options: given } = toIndex(index);
      return `${database}.getCollection(${JSON.stringify(coll)}).createIndex(${toText(key)}${rest(given)})`;
    }),
  ];
}

function rest(options: Document): string {
  return Object.keys(options).length === 0 ? "" : `, ${toText(options)}`;
}

/** Extended JSON is JavaScript, but for what it writes as documents with a `$`. */
function toText(value: Document): string {
  const text = toEjson(value);
  return /"\$(?:number|date|oid|uuid|binary|regularExpression|timestamp|minKey|maxKey)/u.test(text)
    ? `EJSON.parse(${JSON.stringify(text)})`
    : text;
}
