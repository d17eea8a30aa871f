import { afterAll, expect, test } from "vitest";
import { loadProject } from "../../src/testing/project.ts";
import { runCases } from "../../src/testing/run-cases.ts";
import { createTestMongods } from "../../src/testing/run/test-mongods.ts";
import { readExamples, settingOf } from "../diagnostics/error-page.ts";
import type { Fence } from "../diagnostics/error-page.ts";
import { shownBy } from "../diagnostics/shown-pages.ts";
import { temporaryProject } from "./temporary-project.ts";

type Files = Readonly<Record<string, string>>;

const config = `
events: { connectionName: events, db: shop, coll: events }
connections: { events: { type: Cluster }, domain: { type: Cluster }, bus: { type: Kafka } }
environments:
  local: { target: emulator }
`;
const events =
  '{ $source: { connectionName: "events", db: "shop", coll: "events", config: { fullDocumentOnly: true } } }';
const merge = '{ $merge: { into: { connectionName: "domain", db: "shop", coll: "orders" } } }';

const processor = (...stages: readonly string[]): Files => ({
  "pipelines/orders.ts": `import { defineProcessor } from "asp-toolkit";
export default defineProcessor({ name: "orders", pipeline: [${stages.join(",\n")}] });
`,
});
const projection = (text: string): Files => ({
  "pipelines/totals.ts": `import { defineProjection } from "asp-toolkit";
interface Totals { total: number }
type PaymentEvent = { type: "PaymentReceived"; data: { amount: number } };
${text}`,
});

/** A case's file. */
const file = (path: string, text: string): Files => ({ [`test/fixtures/one/${path}`]: text });
const given = (...documents: readonly object[]): Files =>
  file("given/shop.events.ndjson", documents.map((each) => `${JSON.stringify(each)}\n`).join(""));

const copying = processor(events, merge);
const placed = { _id: 1, type: "OrderPlaced", streamId: "o1", version: 1 };
const paid = { type: "PaymentReceived", streamId: "p1", data: { amount: 3 } };

/** A file that an example only names, with a document in it unless it is said to be empty. */
function named(text: string): Files {
  const [path = "", remark = ""] = text.trim().split(/ +# /u);
  return file(
    path,
    remark === "empty" ? "" : `${JSON.stringify(path.includes("topic.") ? { value: placed } : placed)}\n`,
  );
}

/** The project of an example, whose wording needs something around it. */
const projects: Readonly<Record<string, (fence: Fence) => Files>> = {
  ASP4101: ({ language, text }) => ({
    ...copying,
    ...(language === "sh" ? named(text) : file("given/shop.events.ndjson", text)),
  }),
  ASP4102: ({ text }) => ({ ...copying, ...given(placed), ...named(text) }),
  ASP4104: ({ text }) => ({ ...copying, ...given(placed), ...file("fixture.yaml", text) }),
  ASP4110: ({ text }) => ({ ...copying, ...named(text) }),
  ASP4112: ({ text }) => ({
    ...copying,
    ...given({ _id: "o1", total: 6 }),
    ...file("then/shop.orders.ndjson", text),
  }),
  ASP4113: ({ text }) => ({ ...processor(events, text), ...given(placed) }),
  ASP4114: ({ text }) => ({
    ...(text.startsWith("export")
      ? projection(text)
      : processor(events, '{ $project: { _id: "$streamId", total: "$data.amount" } }', text)),
    ...given({ ...paid, _id: 1, version: 1 }, { ...paid, _id: 2, version: 2 }),
  }),
  ASP4117: ({ text }) => ({ ...copying, ...file("given/shop.events.ndjson", text) }),
  ASP4119: ({ text }) => ({
    ...copying,
    ...file("fixture.yaml", "order: time\n"),
    ...file("given/shop.events.ndjson", text),
  }),
  ASP4131: ({ text }) => ({ ...copying, "atlas.config.yaml": config + text, ...given({ ...placed, status: "new" }) }),
  ASP4180: ({ text }) => ({
    ...processor(`{ $source: { connectionName: "bus", topic: ["order-events", "order events"] } }`, merge),
    ...named(text),
  }),
  ASP4271: ({ text }) => ({
    ...processor(
      events.replace('"shop"', '"web"').replace('"events", config', '"clicks", config'),
      '{ $tumblingWindow: { interval: { size: 1, unit: "hour" }, pipeline: [{ $group: { _id: "all", n: { $sum: 1 } } }] } }',
      merge,
    ),
    ...file("given/_steps.yaml", text),
  }),
};

const mongods = createTestMongods({ env: process.env });
afterAll(() => mongods[Symbol.asyncDispose]());

async function findingsOf(code: string, fence: Fence): Promise<readonly string[]> {
  const cwd = await temporaryProject({ "atlas.config.yaml": config, ...settingOf(projects, code)(fence) });
  const { findings } = await runCases(await loadProject({ cwd }), { env: { ...process.env, CI: "" }, mongods });
  // Examples are short: what comes out has no file under then/.
  return [...new Set(findings.map((finding) => finding.code))].filter((other) => other !== "ASP4111");
}

/** What `asp validate` warns of already in an example that goes wrong when it is run. */
const warned: Readonly<Record<string, readonly string[]>> = { ASP4113: ["ASP4072"], ASP4114: ["ASP1060"] };

test.each(shownBy.cases)("%s: the wrong example gives the finding, the right one none", async (code) => {
  const { wrong, right } = readExamples(code);
  expect(wrong).toHaveLength(1);
  expect(right).toHaveLength(1);
  for (const fence of wrong) expect(await findingsOf(code, fence)).toEqual([...(warned[code] ?? []), code]);
  for (const fence of right) expect(await findingsOf(code, fence)).toEqual([]);
});
