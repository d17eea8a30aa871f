import type { Document } from "bson";
import type { ConnectionRecord } from "../../project-types.ts";
import { ownFieldsOf, secretFields } from "../schemas/connection.ts";

/** A connection as the API shows it: the fields of its type, without secrets. Source: asp-control-plane 1.3, 1.6. */
export function toConnection({ id, name, settings, state, region }: ConnectionRecord): Document {
  const { type } = settings;
  const own = new Set(ownFieldsOf(type));
  const shown = Object.fromEntries(Object.entries(settings).filter(([key]) => own.has(key)));
  // Recorded of Kafka: it says how it is reached, also where nobody said so.
  const networking = type === "Kafka" ? { networking: { access: { type: "PUBLIC" } } } : {};
  return { id, name, region, state, type, ...networking, ...(withoutSecrets(shown) as Document) };
}

/** A value without what is write-only, wherever it stands; maps of the user's own names are left as they are. */
export function withoutSecrets(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  const kept = Object.entries(value).filter(([key]) => !secretFields.includes(key));
  return Object.fromEntries(
    kept.map(([key, each]) => [key, key === "config" || key === "headers" ? each : withoutSecrets(each)]),
  );
}

/**
 * What a client sends back of what it has read lacks the secrets: those that are stored stay, as long as they are of the same user.
 *
 * @param given fields of a change, which replace the stored ones as a whole
 */
export function withStoredSecrets<Fields extends Document>(given: Fields, stored: Document): Fields {
  const kept = secretHolders.flatMap((holder) => {
    const [before, after]: readonly unknown[] = [stored[holder], given[holder]];
    if (!isFields(before) || !isFields(after) || before["username"] !== after["username"]) return [];
    const secrets = Object.entries(before).filter(([key]) => secretFields.includes(key));
    return [[holder, { ...Object.fromEntries(secrets), ...after }] as const];
  });
  return { ...given, ...Object.fromEntries(kept) };
}

const secretHolders = ["authentication", "schemaRegistryAuthentication"] as const;

function isFields(value: unknown): value is Document {
  return typeof value === "object" && value !== null;
}
