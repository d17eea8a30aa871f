import { Type } from "@sinclair/typebox";
import type { Static } from "@sinclair/typebox";
import { defineStage } from "./define-stage.ts";
import { fieldPath, flag, path } from "./values.ts";

const long = Type.Object(
  {
    path: fieldPath("The array, with its dollar."),
    includeArrayIndex: Type.Optional(path("Field that gets the element's position.")),
    preserveNullAndEmptyArrays: Type.Optional(
      flag("Let a document without elements through; by default it is dropped."),
    ),
  },
  { additionalProperties: false },
);

const short = fieldPath("The array, with its dollar.");

/**
 * One document for each element of an array. A document without elements is dropped.
 *
 * @example
 * { $unwind: "$data.items" }
 * { $unwind: { path: "$data.items", includeArrayIndex: "line" } }
 */
export const $unwind = defineStage({
  name: "$unwind",
  role: "transform",
  contexts: ["main", "window", "cluster"],
  summary: "One document for each element of an array.",
  runs: true,
  args: Type.Unsafe<string | Static<typeof long>>(Type.Union([short, long])),
  variants: [
    {
      name: "`$unwind`",
      summary: "A path alone.",
      runs: true,
      toldBy: "text",
      args: short,
    },
    { name: "`$unwind`", summary: "A path with options.", runs: true, toldBy: [], args: long },
  ],
});
