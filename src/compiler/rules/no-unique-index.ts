import { defineFinding } from "../../diagnostics/define-finding.ts";
import { quote } from "../quote.ts";

/** Documented in docs/errors/ASP4072.md, whose examples are run as tests. */
export const noUniqueIndex = defineFinding<{
  fields: readonly string[];
  connectionName: string;
  db: string;
  coll: string;
  /** The names of both in the environment. */
  placedDb: string;
  placedColl: string;
}>("ASP4072", {
  severity: "warning",
  message: ({ fields, db, coll }) =>
    `\`$merge\` on ${fields.map(quote).join(", ")} needs a unique index, and the config lists none for ${quote(`${db}.${coll}`)}`,
  notes: ({ fields, connectionName, db, coll, placedDb, placedColl }) => {
    const key = fields.map((field) => `${field}: 1`).join(", ");
    const keys = JSON.stringify(Object.fromEntries(fields.map((field) => [field, 1])));
    return [
      "without it the processor fails when it starts",
      `under collections: - { connectionName: ${connectionName}, db: ${db}, coll: ${coll}, indexes: [{ key: { ${key} }, unique: true }] }`,
      `in mongosh: db.getSiblingDB(${JSON.stringify(placedDb)}).getCollection(${JSON.stringify(placedColl)}).createIndex(${keys}, { unique: true })`,
    ];
  },
  help: "list the index in atlas.config.yaml, and create it where the collection is",
});
