import { isSecretField, writeOnlyFields } from "../../config/connections/literal-secrets.ts";
import { maskSecrets } from "../../diagnostics/mask-secrets.ts";
import { textOf } from "./normal-form.ts";
import type { DesiredConnection } from "./desired.ts";
import type { RemoteConnection } from "./remote.ts";
import type { FieldChange } from "./step.ts";

/**
 * Which settings of a connection are others. What the config does not mention is the service's own; secrets do not come back, so a new
 * one is not seen.
 */
export function compareConnection(wanted: DesiredConnection, { settings }: RemoteConnection): readonly FieldChange[] {
  if (settings === undefined) return [];
  const { type: _, ...filled } = wanted.filled;
  return compare(filled, wanted.settings, settings, []);
}

function compare(wanted: unknown, written: unknown, remote: unknown, path: readonly string[]): readonly FieldChange[] {
  if (!isMapping(wanted)) {
    if (textOf(wanted) === textOf(remote ?? null)) return [];
    return [
      {
        field: path.join("."),
        ...(remote !== undefined && remote !== null && { before: shown(remote, path) }),
        after: shown(written, path),
      },
    ];
  }
  return Object.entries(wanted).flatMap(([key, each]) =>
    writeOnlyFields.has(key) ? [] : compare(each, fieldIn(written, key), fieldIn(remote, key), [...path, key]),
  );
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function fieldIn(value: unknown, key: string): unknown {
  return isMapping(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

/** Headers often are secrets, and come back. What a variable holds is shown by its name. */
function shown(value: unknown, path: readonly string[]): string {
  if (path[0] === "headers" || isSecretField(path)) return "(not shown)";
  return maskSecrets(typeof value === "string" ? value : textOf(value));
}
