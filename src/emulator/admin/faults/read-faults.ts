import { Ajv, type ErrorObject } from "ajv";
import { parse } from "yaml";
import { defineFinding } from "../../../diagnostics/define-finding.ts";
import type { Finding } from "../../../diagnostics/finding.ts";
import { faultSchema, faultsSchema, type Fault } from "./fault.ts";

/** Documented in docs/errors/ASP5370.md. */
const badFaults = defineFinding<{ reason: string }>("ASP5370", {
  severity: "error",
  message: ({ reason }) => `the faults cannot be read: ${reason}`,
  notes: () => [`a fault has the fields ${Object.keys(faultSchema.properties).join(", ")}`],
  help: "write `faults: [{ method: POST, status: 504, applied: true }]`",
});

/** Reads a file of faults, YAML or JSON: `{ faults: [...] }`. */
export function readFaults(text: string): { readonly faults: readonly Fault[]; readonly findings: readonly Finding[] } {
  const wrong = (reason: string) => ({ faults: [], findings: [badFaults({}, { reason })] });
  const ajv = new Ajv({ allErrors: true, strict: false });
  const validate = ajv.compile<{ readonly faults: readonly Fault[] }>(faultsSchema);
  let value: unknown;
  try {
    value = parse(text);
  } catch (error) {
    return wrong(error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error));
  }
  return validate(value) ? { faults: value.faults, findings: [] } : wrong(toText(validate.errors ?? []));
}

function toText(errors: readonly ErrorObject[]): string {
  const [first] = errors;
  if (first === undefined) return "they have another form";
  const { instancePath, message = "is wrong", params } = first;
  const place = instancePath === "" ? "the file" : instancePath.slice(1).replaceAll("/", ".");
  const extra = (params as { readonly additionalProperty?: string }).additionalProperty;
  return `${place} ${message}${extra === undefined ? "" : ` (\`${extra}\`)`}`;
}
