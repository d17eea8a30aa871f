import type { Finding } from "../../diagnostics/finding.ts";
import type { AspError } from "../../diagnostics/asp-error.ts";
import type { Check } from "./check.ts";

/** A finding as a line of the doctor's; its severity decides. */
export function toCheck(
  name: string,
  { code, severity, message, notes, help }: Finding,
  fault: "project" | "world",
): Check {
  const rest = { detail: `${message} (${code})`, ...(notes && { notes }), ...(help !== undefined && { help }) };
  return severity === "error" ? { name, status: "error", fault, ...rest } : { name, status: "warning", ...rest };
}

/** What the world refused. */
export function refusedCheck(name: string, { code, message, help }: AspError): Check {
  return { name, status: "error", fault: "world", detail: `${message} (${code})`, ...(help !== undefined && { help }) };
}
