import { Type } from "@sinclair/typebox";
import { word } from "./values.ts";

// What the forms of `$emit` have in common. Source: asp-language section 1.7.

export const outputFormat = () =>
  Type.Optional(
    word(["relaxedJson", "canonicalJson", "basicJson"], "How BSON becomes JSON; default relaxedJson.", {
      mistaken: { json: "write `basicJson` for plain JSON, or `relaxedJson`" },
    }),
  );

export const dateFormat = () =>
  Type.Optional(word(["default", "ISO8601"], "How dates are written; default: as the output format has them."));
