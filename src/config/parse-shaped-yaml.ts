import type { ValidateFunction } from "ajv";
import { LineCounter, parseDocument } from "yaml";
import type { Finding } from "../diagnostics/finding.ts";
import type { PlaceOf } from "./config.ts";
import { shapeFindings, unknownKey } from "./shape-findings.ts";
import { notYaml, yamlFinding } from "./yaml-findings.ts";
import { yamlPlaces } from "./yaml-places.ts";

export interface ShapedYaml {
  /** What the file holds, of the schema's shape; absent when it is not YAML or has another shape. Unknown keys alone do not prevent it. */
  readonly value?: unknown;
  readonly placeOf?: PlaceOf;
  readonly findings: readonly Finding[];
}

/**
 * YAML, or JSON, that must have the shape of a schema. `file` is what findings call it.
 *
 * @param tidy what is done to the value before it is checked
 */
export function parseShapedYaml(
  text: string,
  file: string,
  validate: ValidateFunction,
  tidy: (value: unknown) => unknown = (value) => value,
): ShapedYaml {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, merge: true });
  if (document.errors.length > 0) {
    const syntax = document.errors.filter(({ code }) => code !== "DUPLICATE_KEY");
    const repeated = document.errors.filter(({ code }) => code === "DUPLICATE_KEY");
    // What follows the first syntax error is mostly its echo.
    return { findings: [...repeated, ...syntax.slice(0, 1)].map((error) => yamlFinding(error, text, lines, file)) };
  }
  const placeOf = yamlPlaces(document, lines, file);
  let value: unknown;
  try {
    value = tidy(document.toJS());
  } catch {
    // The parser refuses to unfold aliases without end.
    const place = { file, line: 1, column: 1 };
    return { findings: [notYaml({ place }, { problem: "its aliases unfold without end", help: undefined })] };
  }
  // An empty file has no places.
  const placeIn: PlaceOf = (path, part) => placeOf(path, part) ?? { file, line: 1, column: 1 };
  const findings = validate(value) ? [] : shapeFindings(validate.errors ?? [], placeIn);
  if (findings.some(({ code }) => code !== unknownKey.code)) return { findings };
  return { value, placeOf, findings };
}
