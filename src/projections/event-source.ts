import { defaultEnvelope } from "./envelope-path.ts";
import { noEventSource } from "./findings/no-event-source.ts";
import type { EventSource, ProjectionValue } from "./processor-value.ts";
import type { Reporter } from "./reporter.ts";

/** The `events` block of the config with what the projection overrides; reported where that leaves no collection. */
export function eventSource(
  own: ProjectionValue["source"],
  events: EventSource | undefined,
  reporter: Reporter,
): EventSource | undefined {
  const connectionName = own?.connectionName ?? events?.connectionName;
  const db = own?.db ?? events?.db;
  const coll = own?.coll ?? events?.coll;
  if (connectionName === undefined || db === undefined || coll === undefined) {
    const missing = Object.entries({ connectionName, db, coll }).flatMap(([name, value]) =>
      value === undefined ? [`\`${name}\``] : [],
    );
    reporter.report(noEventSource, { missing }, [own]);
    return undefined;
  }
  return { connectionName, db, coll, envelope: { ...defaultEnvelope, ...events?.envelope, ...own?.envelope } };
}
