import { Type, type Static } from "@sinclair/typebox";
import { oneOf } from "../../../config/shape.ts";

const text = (description: string) => Type.String({ minLength: 1, description });
const count = (minimum: number, description: string) => Type.Integer({ minimum, description });

/**
 * What goes wrong on demand, and when. Effects of one fault may be combined; `lagMs` comes first, and what a request would have changed is
 * changed only where `applied` says so.
 */
export const faultSchema = Type.Object(
  {
    method: Type.Optional(text("HTTP method; default all.")),
    path: Type.Optional(
      text(
        "Path without the query. `*` stands for any text within a segment, `**` for any text; default the paths of all operations.",
      ),
    ),
    operation: Type.Optional(text("Id of an operation, such as `createGroupStreamProcessor`.")),
    skip: Type.Optional(count(0, "So many requests that fit pass first; default 0.")),
    times: Type.Optional(count(1, "So many then meet it; default 1.")),
    always: Type.Optional(Type.Boolean({ description: "All then meet it." })),
    lagMs: Type.Optional(count(0, "Milliseconds until the request is looked at.")),
    drop: Type.Optional(
      oneOf(["before", "after"], "The connection is cut: before the request changes anything, or after."),
    ),
    status: Type.Optional(
      Type.Integer({ minimum: 400, maximum: 599, description: "It is refused with this HTTP status." }),
    ),
    errorCode: Type.Optional(text("With `status`; default the one that is known for it.")),
    detail: Type.Optional(text("With `status`: text of the error.")),
    body: Type.Optional(oneOf(["json", "html", "empty"], "With `status`: form of the error; default json.")),
    applied: Type.Optional(Type.Boolean({ description: "With `status`: the change is made all the same." })),
    retryAfterSeconds: Type.Optional(count(0, "With `status`: the header `Retry-After`.")),
    state: Type.Optional(text("Every `state` in the reply has this name.")),
    numbers: Type.Optional(oneOf(["10.0"], "Whole numbers of the reply are written as `10.0`.")),
    keys: Type.Optional(oneOf(["reversed"], "Keys of documents in the reply come the other way round.")),
    extraField: Type.Optional(text("The reply has a field of this name that no schema knows.")),
  },
  { additionalProperties: false },
);

export type Fault = Static<typeof faultSchema>;

export const faultsSchema = Type.Object({ faults: Type.Array(faultSchema) }, { additionalProperties: false });
