/** A small project, for tests that change one thing in it. */
export const config = `events: { connectionName: events, db: shop, coll: events }
connections:
  events: { type: Cluster }
  domain: { type: Cluster }
environments:
  local: { target: emulator }
  staging:
    target: emulator
    connections:
      events: { uri: "\${EVENTS_URI}" }
      domain: { uri: "\${EVENTS_URI}" }
`;

/** A processor of that name that copies events of one type. */
export function processor(name: string, coll = name): string {
  return `import { defineProcessor } from "asp-toolkit";

export default defineProcessor({
  name: "${name}",
  pipeline: [
    { $source: { connectionName: "events", db: "shop", coll: "events", config: { fullDocumentOnly: true } } },
    { $match: { type: "PaymentReceived" } },
    { $merge: { into: { connectionName: "domain", db: "shop", coll: "${coll}" } } },
  ],
});
`;
}

export const project = { "atlas.config.yaml": config, "pipelines/payments.ts": processor("payments") };
