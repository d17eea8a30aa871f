import type { Compiled } from "../../src/compiler/compile-processor.ts";
import type { Finding } from "../../src/diagnostics/finding.ts";
import { stageTable } from "../../src/stages/index.ts";
import { compile, merge, source } from "../compiler/support.ts";
import { withField } from "./reference.ts";
import type { ReferenceForm, ReferencePlace } from "./reference.ts";

/** A pipeline that has a stage in one of the places, and in it nothing else that could be wrong. */
export function pipelineWith(stage: Readonly<Record<string, unknown>>, place: ReferencePlace): readonly unknown[] {
  const [name = ""] = Object.keys(stage);
  const { role } = stageTable.get(name) ?? {};
  switch (place) {
    case "main":
      if (role === "source") return [stage, merge];
      return role === "sink" ? [source, stage] : [source, stage, merge];
    case "window":
      return [source, { $tumblingWindow: { interval: { size: 1, unit: "minute" }, pipeline: [stage] } }, merge];
    case "payload":
      return [source, { $https: { connectionName: "web", as: "response", payload: [stage] } }, merge];
  }
}

export const errorsOf = ({ findings }: Compiled): readonly Finding[] =>
  findings.filter(({ severity }) => severity === "error");

/** The errors of a stage with these arguments, in the first of the places that it has. */
export function errorsIn(form: ReferenceForm, args: unknown, place = form.places[0] ?? "main"): readonly Finding[] {
  return errorsOf(compile(pipelineWith({ [form.stage]: args }, place)));
}

/** Where a stage with these arguments is accepted. */
export function placesOf(form: ReferenceForm, args: unknown): readonly ReferencePlace[] {
  const places: readonly ReferencePlace[] = ["main", "window", "payload"];
  return places.filter((place) => errorsIn(form, args, place).length === 0);
}

/** What checking says of a field: nothing of the right value, something of a wrong one and of a misspelt name. */
export function checkField(form: ReferenceForm, path: string): { readonly ok: boolean; readonly said: unknown } {
  const right = errorsIn(form, withField(form, path));
  const wrong = errorsIn(form, withField(form, path, { value: form.fields[path]?.wrong }));
  const name = misspell(path);
  const misspelt = errorsIn(form, withField(form, path, { name }));
  const said = { right: right.map(toText), wrong: wrong.map(toText), misspelt: misspelt.map(toText) };
  const named = misspelt.some(({ message }) => message.includes(name));
  return { ok: right.length === 0 && wrong.length > 0 && named, said };
}

/** A name that no stage has. */
export function misspell(path: string): string {
  return `${path.split(".").at(-1) ?? ""}Q`;
}

const toText = ({ code, message }: Finding): string => `${code} ${message}`;
