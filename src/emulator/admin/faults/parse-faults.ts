import { Ajv } from "ajv";
import { parseShapedYaml } from "../../../config/parse-shaped-yaml.ts";
import type { Finding } from "../../../diagnostics/finding.ts";
import { faultsSchema, type Fault } from "./fault.ts";

/** A file of faults, YAML or JSON: `faults: […]`. `file` is what findings call it. */
export function parseFaults(
  text: string,
  file: string,
): { readonly faults?: readonly Fault[]; readonly findings: readonly Finding[] } {
  const validate = new Ajv({ allErrors: true, verbose: true, strict: false }).compile(faultsSchema);
  const { value, findings } = parseShapedYaml(text, file, validate);
  return value === undefined
    ? { findings }
    : { faults: (value as { readonly faults: readonly Fault[] }).faults, findings };
}
