import { checkServerVersion } from "../../compiler/check-server-version.ts";
import { operatorVersions, operatorsNewerThan } from "../../expressions/operators.ts";
import type { Definition } from "../../stages/definition.ts";
import type { Check } from "./check.ts";

/** Which operators a mongod of this version is too old for: an error only where a processor uses one. */
export function checkOperators(version: string, definitions: readonly Definition[]): readonly Check[] {
  const newer = operatorsNewerThan(version);
  if (newer.length === 0)
    return [{ name: "operators", status: "ok", detail: `all that ASP documents run on ${version}` }];
  const versions = [...new Set(newer.map((operator) => operatorVersions.get(operator) ?? ""))];
  const notes = versions.map((needs) => {
    return `${needs}: ${newer.filter((operator) => operatorVersions.get(operator) === needs).join(" ")}`;
  });
  const detail = `${version} has all that ASP documents but ${newer.length}, which need a newer server`;
  const used = definitions.flatMap((definition) => checkServerVersion(definition, version));
  return [
    { name: "operators", status: "ok", detail, notes },
    ...used.map(({ processor = "", message, code, help }): Check => {
      const found = { name: `processor ${processor}`, detail: `${message} (${code})` };
      return { ...found, status: "error", fault: "world", ...(help === undefined ? {} : { help }) };
    }),
  ];
}
