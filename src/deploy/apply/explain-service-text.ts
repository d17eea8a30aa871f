import type { FindingCode } from "../../diagnostics/finding.ts";

/** What the service says → the finding of asp that is about the same, or what to do. Source: asp-control-plane 1.4 and 1.7. */
const known: readonly { readonly said: RegExp; readonly code?: FindingCode; readonly note?: string }[] = [
  { said: /connection named \S+ does not exist/iu, code: "ASP6020" },
  { said: /parallelism requested exceeds limit/iu, code: "ASP4032" },
  { said: /minimum tier for this workload|is larger than \S+, the largest/iu, code: "ASP5191" },
  { said: /out of memory|exceeded memory limit/iu, code: "ASP5190" },
  { said: /IDLUnknownField/u, code: "ASP1006" },
  { said: /IDLFailedToParse/u, code: "ASP1005" },
  { said: /cannot keep its checkpoint|resumeFromCheckpoint/u, code: "ASP5188" },
  { said: /NO_PAYMENT_INFORMATION_FOUND/u, note: "the Atlas organization has no way of payment" },
];

/** Where to read more about a text of the service; empty where it speaks for itself. */
export function explainServiceText(text: string): readonly string[] {
  const found = known.find(({ said }) => said.test(text));
  if (found === undefined) return [];
  return [found.note ?? `\`asp explain ${found.code}\` says more`];
}
