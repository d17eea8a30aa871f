import { defineFinding } from "../../diagnostics/define-finding.ts";
import type { Finding } from "../../diagnostics/finding.ts";
import { didYouMean } from "../../diagnostics/suggest.ts";
import type { ConnectionEntry } from "./connection-entry.ts";

/** Documented in docs/errors/ASP4041.md. */
export const ignoredSetting = defineFinding<{ setting: string; connection: string; known: readonly string[] }>(
  "ASP4041",
  {
    severity: "warning",
    message: ({ setting, connection }) =>
      `Atlas ignores the Kafka setting \`${setting}\` of the connection \`${connection}\``,
    notes: () => ["only a fixed list of client settings is passed on, and nothing is said of the others"],
    help: ({ setting, known }) =>
      didYouMean(setting.replaceAll("_", "."), known) ?? sameWord(setting, known) ?? "remove it",
  },
);

/** `auto_offset_reset` is one that is known, in the words of a pipeline. */
function sameWord(setting: string, known: readonly string[]): string | undefined {
  const dotted = setting.replaceAll("_", ".");
  return known.includes(dotted) ? `write \`${dotted}\`` : undefined;
}

/** Settings that are passed on, to the producer, to the consumer or to both. Source: asp-language section 10. */
const passedOn: readonly string[] = [
  "acks",
  "allow.auto.create.topics",
  "auto.offset.reset",
  "batch.size",
  "client.dns.lookup",
  "client.id",
  "compression.type",
  "connections.max.idle.ms",
  "delivery.timeout.ms",
  "enable.idempotence",
  "fetch.max.bytes",
  "fetch.min.bytes",
  "group.id",
  "heartbeat.interval.ms",
  "isolation.level",
  "linger.ms",
  "max.in.flight.requests.per.connection",
  "max.partition.fetch.bytes",
  "max.poll.interval.ms",
  "message.max.bytes",
  "queue.buffering.max.messages",
  "request.timeout.ms",
  "retries",
  "session.timeout.ms",
  "transactional.id",
];

/** Finds Kafka client settings that have no effect. */
export function checkKafkaSettings({ name, connection, at }: ConnectionEntry): readonly Finding[] {
  return Object.keys(connection.config ?? {})
    .filter((setting) => !passedOn.includes(setting))
    .map((setting) => {
      const place = { ...at(["config", setting], "key"), length: setting.length };
      return ignoredSetting(place, { setting, connection: name, known: passedOn });
    });
}
