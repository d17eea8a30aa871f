import { defineFinding } from "../../diagnostics/define-finding.ts";
import { looksLikeDate } from "../expressions/certain-text.ts";
import type { CertainText } from "../expressions/certain-text.ts";
import { quote } from "../quote.ts";

interface Data {
  readonly what: string;
  readonly found: CertainText;
  readonly type: "date" | "timestamp";
  /** What needs the date, and what it does with it; absent where it is compared. */
  readonly need?: { readonly by: string; readonly why: string } | undefined;
  readonly right?: string | undefined;
}

/** Documented in docs/errors/ASP3002.md, whose examples are run as tests. */
export const dateAsText = defineFinding<Data>("ASP3002", {
  severity: "warning",
  message: ({ what, found, type, need }) => {
    const wanted = need === undefined ? `is a ${type}` : `must be a ${type} for ${need.by}`;
    const given =
      found.kind === "constant" ? `${quote(found.text)} is a text` : `${quote(found.operator)} gives a text`;
    return `${quote(what)} ${wanted}, and ${given}`;
  },
  notes: ({ type, need }) => [
    need === undefined ? `a text is never equal to a ${type}, and every text comes before every ${type}` : need.why,
  ],
  help: ({ found, type, need, right }) => {
    if (right !== undefined) return right;
    if (found.kind === "computed") return `wrap it in \`$toDate\`${need === undefined ? "" : ", or set another field"}`;
    if (!looksLikeDate(found.text)) return "write a date";
    const text = JSON.stringify(found.text);
    return type === "date"
      ? `write \`new Date(${text})\``
      : `write \`new Timestamp({ t: Date.parse(${text}) / 1000, i: 0 })\``;
  },
});
