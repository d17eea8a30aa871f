import { AspError } from "../../diagnostics/asp-error.ts";

/** A position that a topic does not have (any more). Documented in docs/errors/ASP5122.md. */
export function offsetLost(topic: string, partition: number, offset: bigint): AspError {
  return new AspError(
    "ASP5122",
    `Partition ${partition} of the topic \`${topic}\` no longer holds offset ${offset}, where the processor left off: messages are lost to it`,
    { help: "remove the processor's checkpoint to start from where `config.auto_offset_reset` says" },
  );
}

/** Documented in docs/errors/ASP5121.md. */
export function unknownTopic(topic: string): AspError {
  return new AspError("ASP5121", `There is no topic \`${topic}\``, {
    help: `create it, or correct the name of the topic`,
  });
}
