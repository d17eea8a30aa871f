import { Type } from "@sinclair/typebox";
import { documents, fields, literal, timeField } from "./values.ts";

/** The fields of `$source` with inline documents. Source: asp-language section 1.1.6. */
export const documentsArgs = fields({
  documents: documents("The documents, or an expression that gives them."),
  timeField: Type.Optional(timeField()),
  tsFieldName: Type.Optional(literal("Field that gets the event time; default _ts.")),
});
