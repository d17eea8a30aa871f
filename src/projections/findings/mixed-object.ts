import { defineFinding } from "../../diagnostics/define-finding.ts";

/** An object that is neither an operator nor a value. Documented in docs/errors/ASP1118.md. */
export const mixedObject = defineFinding<{ where: string; keys: readonly string[] }>("ASP1118", {
  severity: "error",
  message: ({ where, keys }) => `${where} has an object with the keys ${keys.map((key) => `\`${key}\``).join(", ")}`,
  notes: () => ["an expression object has exactly one key, its operator; a value has no key that starts with a dollar"],
  help: "nest the operators, one object each",
});
