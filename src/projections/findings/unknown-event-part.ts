import { defineFinding } from "../../diagnostics/define-finding.ts";

/** A part that events do not have. Documented in docs/errors/ASP1120.md. */
export const unknownEventPart = defineFinding<{ where: string; part: string; suggestion: string | undefined }>(
  "ASP1120",
  {
    severity: "error",
    message: ({ where, part }) => `${where} reads \`event.${part}\`, which events do not have`,
    notes: () => [
      "an event has `id`, `stream`, `version`, `type`, `time` and `data`, whatever its stored fields are called",
    ],
    help: ({ part, suggestion }) => `did you mean \`event.${suggestion ?? `data.${part}`}\`?`,
  },
);
