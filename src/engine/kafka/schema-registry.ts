import type { Connection } from "../../config/environment.ts";
import { AspError } from "../../diagnostics/asp-error.ts";
import { readText } from "../http/read-text.ts";

const timeoutMs = 30_000;
/** A registry takes no schema that is larger. */
const maxAnswerBytes = 16 * 1024 * 1024;
const contentType = "application/vnd.schemaregistry.v1+json";

/** A schema as the registry has it. */
export interface RegisteredSchema {
  /** In JSON. */
  readonly text: string;
  readonly kind: string;
  /** Others that it names types of, in the order in which they are to be read. */
  readonly references: readonly string[];
}

/** What a registry answers to a question about one schema: a refusal is about it alone. */
export type Answer<Value> = { readonly value: Value } | { readonly reason: string };

/** Rejects with AspError where the registry does not answer (ASP5126, retryable) or does not let us in (ASP5127). */
export interface SchemaRegistry {
  schemaById(id: number): Promise<Answer<RegisteredSchema>>;
  /** The id of a schema under a subject, which is registered where it is new, or else must be there. */
  idOf(subject: string, schema: string, options: { readonly register: boolean }): Promise<Answer<number>>;
}

/** Source: Confluent's Schema Registry API, v1. @param kafka whose user SASL_INHERIT stands for */
export function createSchemaRegistry(
  name: string,
  connection: Connection,
  kafka: Connection | undefined,
): SchemaRegistry {
  const { schemaRegistryUrls = [], schemaRegistryAuthentication: own } = connection;
  const user = own?.type === "SASL_INHERIT" ? kafka?.authentication : own;
  const login =
    user?.username === undefined
      ? {}
      : { authorization: `Basic ${toBase64(`${user.username}:${user.password ?? ""}`)}` };

  const ask = async (path: string, body?: object): Promise<Answer<Record<string, unknown>>> => {
    let lastCause: unknown;
    for (const url of schemaRegistryUrls) {
      let response: Response;
      let answer: Record<string, unknown>;
      try {
        response = await fetch(`${url.replace(/\/+$/, "")}${path}`, {
          method: body === undefined ? "GET" : "POST",
          headers: { ...login, accept: contentType, ...(body === undefined ? {} : { "content-type": contentType }) },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
          signal: AbortSignal.timeout(timeoutMs),
        });
        answer = parseObject(await readText(response, maxAnswerBytes));
      } catch (cause) {
        lastCause = cause;
        continue;
      }
      const { status } = response;
      if (status === 401 || status === 403) {
        throw new AspError("ASP5127", `The schema registry of the connection \`${name}\` refuses the credentials`, {
          help: "check `schemaRegistryAuthentication`",
        });
      }
      if (status >= 500 || status === 429) {
        lastCause = new Error(`status ${status}`);
        continue;
      }
      if (response.ok) return { value: answer };
      return { reason: `the schema registry refuses it: ${String(answer["message"] ?? `status ${status}`)}` };
    }
    throw new AspError("ASP5126", `The schema registry of the connection \`${name}\` does not answer`, {
      help: "check that it runs, and `schemaRegistryUrls`",
      cause: lastCause,
      retryable: true,
    });
  };

  const resolve = async (found: Record<string, unknown>): Promise<readonly string[]> => {
    const texts: string[] = [];
    for (const { subject, version } of (found["references"] ?? []) as { subject: string; version: number }[]) {
      const answer = await ask(`/subjects/${encodeURIComponent(subject)}/versions/${version}`);
      if ("reason" in answer) continue;
      texts.push(...(await resolve(answer.value)), String(answer.value["schema"]));
    }
    return texts;
  };

  return {
    schemaById: async (id) => {
      const answer = await ask(`/schemas/ids/${id}`);
      if ("reason" in answer) return answer;
      const { schema, schemaType = "AVRO" } = answer.value;
      return { value: { text: String(schema), kind: String(schemaType), references: await resolve(answer.value) } };
    },
    idOf: async (subject, schema, { register }) => {
      const answer = await ask(`/subjects/${encodeURIComponent(subject)}${register ? "/versions" : ""}`, { schema });
      if ("reason" in answer) return answer;
      const { id } = answer.value;
      return typeof id === "number" ? { value: id } : { reason: "the schema registry gives no id" };
    },
  };
}

/** What a proxy answers in its own words is an empty object. */
function parseObject(text: string): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === "object" && parsed !== null ? (parsed as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function toBase64(text: string): string {
  return Buffer.from(text).toString("base64");
}
