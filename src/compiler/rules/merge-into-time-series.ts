import { placeNamespace } from "../../config/place-namespace.ts";
import { defineFinding } from "../../diagnostics/define-finding.ts";
import type { Finding } from "../../diagnostics/finding.ts";
import { isComputed } from "../check-names.ts";
import { connectionIdentity } from "../connection-identity.ts";
import { atOf, child } from "../cursor.ts";
import type { WholeProcessor } from "../own-stages.ts";
import { quote } from "../quote.ts";

/** Documented in docs/errors/ASP4080.md, whose examples are run as tests. */
export const mergeIntoTimeSeries = defineFinding<{ db: string; coll: string; timeField: string }>("ASP4080", {
  severity: "error",
  message: ({ db, coll }) => `\`$merge\` cannot write ${quote(`${db}.${coll}`)}, which is a time series collection`,
  notes: ({ timeField }) => [`atlas.config.yaml lists it with the time field ${quote(timeField)}`],
  help: "write it with `$emit`, or merge into another collection",
});

/** Finds sinks of `$merge` that the config makes time series collections. Source: asp-language section 1.8. */
export function checkTimeSeries({ stages, environment }: WholeProcessor): readonly Finding[] {
  const series = environment.collections.filter(({ timeseries }) => timeseries !== undefined);
  if (series.length === 0) return [];
  return stages.flatMap(({ name, args }) => {
    if (name !== "$merge") return [];
    const into = child(args, "into");
    const [connection, db, coll] = ["connectionName", "db", "coll"].map((field) => child(into, field).value);
    if (typeof connection !== "string") return [];
    if (typeof db !== "string" || typeof coll !== "string" || isComputed(db) || isComputed(coll)) return [];
    const target = placeNamespace(db, coll, environment);
    const spec = series.find((each) => {
      const here = placeNamespace(each.db, each.coll, environment);
      const isThere = here.db === target.db && here.coll === target.coll;
      return isThere && identityOf(each.connectionName) === identityOf(connection);
    });
    const timeField = spec?.timeseries?.timeField;
    return timeField === undefined ? [] : mergeIntoTimeSeries(atOf(child(into, "coll")), { db, coll, timeField });
  });

  function identityOf(connectionName: string): string {
    return connectionIdentity(connectionName, environment);
  }
}
