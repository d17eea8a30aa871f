import { AspError } from "../../diagnostics/asp-error.ts";
import { createDynamicTargets } from "../core/dynamic-targets.ts";
import { toOutputJson } from "../core/formats/output-json.ts";
import { planKafkaWriting, toEnvelope, type Envelope } from "../core/kafka/kafka-writing.ts";
import type { Coded } from "../core/kafka/key-format.ts";
import { isLiteralText, type KafkaSinkPlan } from "../core/plan-sink.ts";
import type { EngineContext } from "../engine-context.ts";
import type { Connections } from "../connections.ts";
import { createAvroWriter, type AvroWriter } from "../kafka/avro-values.ts";
import type { NewMessage } from "../kafka/broker.ts";
import { openRegistry } from "../kafka/open-registry.ts";
import type { Sink, SinkRefusal } from "./sink.ts";

/** A message whose value is still a document, or the reason why there is none. */
type Target = (Envelope & { readonly document: Uint8Array }) | { readonly reason: string };

/** Makes a message's value of a document. */
type WriteValue = (
  target: Envelope & { readonly document: Uint8Array },
) => Promise<Coded<Uint8Array>> | Coded<Uint8Array>;

const utf8 = new TextEncoder();
const nothing = async (): Promise<void> => undefined;

/** Writes documents to topics of Kafka, in order within a partition and thereby per key. */
export function createKafkaSink(plan: KafkaSinkPlan, context: EngineContext): Sink<Target> {
  const { connections } = context;
  const broker = connections.broker(plan.connectionName);
  const writing = planKafkaWriting(plan, connections.settings(plan.connectionName).config ?? {});
  const dynamicTargets = createDynamicTargets("$emit");
  const avro = openAvro(plan, connections);
  const writeValue: WriteValue = ({ document, schema, topic }) =>
    avro === undefined
      ? { value: utf8.encode(toOutputJson(document, writing.output)) }
      : avro.write(document, schema, topic);

  const toMessage = async (target: Target): Promise<NewMessage | { readonly reason: string }> => {
    if ("reason" in target) return target;
    const { topic, key, headers, isTombstone } = target;
    if (isTombstone) return { topic, key, headers, value: null };
    const written = await writeValue(target);
    return "reason" in written ? written : { topic, key, headers, value: written.value };
  };

  return {
    operator: "$emit",
    prepare: async () => {
      const refusal = broker.refusesCompression(writing.compression);
      if (refusal !== undefined) {
        throw new AspError("ASP5124", `\`${context.name}\` cannot compress with ${writing.compression}: ${refusal}`, {
          help: "run asp with a newer Node, or set `config.compression_type` to another algorithm",
        });
      }
    },
    resolve: (documents) =>
      documents.map(({ document, values }): Target => {
        const envelope = toEnvelope(plan, writing, values);
        return "reason" in envelope ? envelope : { ...envelope, document };
      }),
    write: async (targets) => {
      const messages: NewMessage[] = [];
      const places: number[] = [];
      const refusals: SinkRefusal[] = [];
      for (const [position, target] of targets.entries()) {
        const message = await toMessage(target);
        if ("reason" in message) {
          refusals.push({ position, reason: message.reason });
          continue;
        }
        if (!isLiteralText(plan.topic)) dynamicTargets.add(message.topic);
        messages.push(message);
        places.push(position);
      }
      const reasons = await broker.produce(messages, writing, context.signal);
      for (const [index, reason] of reasons.entries()) {
        const position = places[index];
        if (reason !== undefined && position !== undefined)
          refusals.push({ position, reason: `$emit write error: ${reason}` });
      }
      return refusals.toSorted((a, b) => a.position - b.position);
    },
    flush: nothing,
    close: nothing,
  };
}

function openAvro(plan: KafkaSinkPlan, connections: Connections): AvroWriter | undefined {
  const name: unknown = plan.schemaRegistry?.["connectionName"];
  return typeof name === "string" ? createAvroWriter(openRegistry(name, plan, connections)) : undefined;
}
