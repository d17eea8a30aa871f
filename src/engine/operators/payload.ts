import type { Document } from "bson";
import { readsStreamMetadata } from "../../expressions/stream-metadata.ts";
import { decodeExact } from "../core/exact-bson.ts";
import type { OrReason } from "../core/http-request.ts";
import { toRequestBody } from "../core/request-body.ts";
import type { OperatorContext, OperatorInput } from "./operator.ts";

/** Makes the bodies of requests: documents as relaxed Extended JSON. */
export interface Payload {
  /** One for each input; a reason where the stages fail. */
  bodiesOf(inputs: readonly OperatorInput[]): Promise<readonly OrReason<string>[]>;
  /** Has mongod parse the stages. */
  check(): Promise<void>;
  close(): Promise<void>;
}

const nothing = async (): Promise<void> => undefined;

/** Prepares the `payload` stages of an operator, which mongod runs; without them the body is the whole document. */
export function createPayload(stages: readonly Document[] | undefined, context: OperatorContext): Payload {
  if (stages === undefined) {
    const bodyOf = ({ document }: OperatorInput) => ({ value: toRequestBody(decodeExact(document)) });
    return { bodiesOf: async (inputs) => inputs.map(bodyOf), check: nothing, close: nothing };
  }
  const steps = [{ kind: "stages" as const, stages }];
  const transform = context.createTransform({ steps, readsMetadata: readsStreamMetadata(stages) }, context);
  return {
    bodiesOf: async (inputs) => {
      const documents = inputs.map(({ document, stream }) => ({ document, stream: () => stream }));
      const { outgoing, refused } = await transform.run(documents, { locate: true });
      const bodies = new Map<number | undefined, OrReason<string>>();
      for (const { document, index } of outgoing) bodies.set(index, { value: toRequestBody(decodeExact(document)) });
      for (const { operator, reason, index } of refused)
        bodies.set(index, { reason: `${operator} of \`payload\`: ${reason}` });
      return inputs.map((_, index) => bodies.get(index) ?? { reason: "`payload` has given no document" });
    },
    check: transform.check,
    close: transform.close,
  };
}
