/** Writes the published JSON Schemas: `npx tsx scripts/generate-schemas.ts`. A test says whether they are current. */
import { mkdir, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { commandSchemas } from "../src/cli/json-schemas.ts";
import { processorSchema } from "../src/compiler/processor-schema.ts";
import { configSchema } from "../src/config/config-schema.ts";
import { findingsSchema } from "../src/diagnostics/findings-schema.ts";
import { seedSchema } from "../src/emulator/seed/seed-schema.ts";
import { replayReportSchema, testReportSchema } from "../src/testing/report/report-schemas.ts";

/** File name in `schema/` → its text. */
export const schemas: Readonly<Record<string, string>> = {
  "atlas.config.schema.json": `${JSON.stringify(configSchema, null, 2)}\n`,
  "processor.schema.json": `${JSON.stringify(processorSchema, null, 2)}\n`,
  "emulator-seed.schema.json": `${JSON.stringify(seedSchema, null, 2)}\n`,
  "findings.schema.json": `${JSON.stringify(findingsSchema, null, 2)}\n`,
  "test-report.schema.json": `${JSON.stringify(testReportSchema, null, 2)}\n`,
  "replay-report.schema.json": `${JSON.stringify(replayReportSchema, null, 2)}\n`,
  ...Object.fromEntries(
    Object.entries(commandSchemas).map(([name, schema]) => [name, `${JSON.stringify(schema, null, 2)}\n`]),
  ),
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const folder = new URL("../schema/", import.meta.url);
  await mkdir(folder, { recursive: true });
  await Promise.all(Object.entries(schemas).map(([name, text]) => writeFile(new URL(name, folder), text)));
}
