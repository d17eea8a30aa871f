import { workflow } from "./workflow.ts";
import type { ProjectFile } from "./write-files.ts";

/** What `asp init` makes: as little as shows a projection from its type to its test, and passes in CI as it stands. */
export function projectFiles(options: { readonly name: string; readonly version: string }): readonly ProjectFile[] {
  return [
    { path: "package.json", text: packageJson(options), optional: true },
    { path: "tsconfig.json", text: tsconfig, optional: true },
    { path: ".gitignore", text: gitignore, optional: true },
    { path: "atlas.config.yaml", text: config },
    { path: "pipelines/events.ts", text: events },
    { path: "pipelines/orders.ts", text: orders },
    { path: "test/fixtures/order-is-placed/given/shop.events.ndjson", text: given },
    { path: "test/fixtures/order-is-placed/then/shop.orders.ndjson", text: then },
    { path: ".github/workflows/asp.yml", text: workflow },
  ];
}

function packageJson({ name, version }: { readonly name: string; readonly version: string }): string {
  const manifest = {
    name: toPackageName(name),
    private: true,
    type: "module",
    scripts: { types: "tsc", validate: "asp validate", test: "asp test" },
    devDependencies: { "asp-toolkit": `^${version}`, typescript: "^7.0.2" },
  };
  return `${JSON.stringify(manifest, undefined, 2)}\n`;
}

/** npm takes lower case and a few marks only; a folder may be called anything. */
function toPackageName(folder: string): string {
  const name = folder
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/gu, "-")
    .replace(/^[._-]+/u, "");
  return name === "" ? "projections" : name;
}

// `preserve` reads the modules the way asp does, whatever package.json says about their kind.
const tsconfig = `{
  "compilerOptions": {
    "target": "es2023",
    "module": "preserve",
    "strict": true,
    "noUncheckedIndexedAccess": true,
    "verbatimModuleSyntax": true,
    "allowImportingTsExtensions": true,
    "noEmit": true,
    "skipLibCheck": true
  },
  "include": ["pipelines", "test"]
}
`;

const gitignore = `node_modules/
.asp/
`;

const config = `# yaml-language-server: $schema=./node_modules/asp-toolkit/schema/atlas.config.schema.json

events: # the event store that projections read
  connectionName: events
  db: shop
  coll: events
  envelope: { id: _id, stream: streamId, version: version, type: type, time: occurredAt, data: data }

connections: # what pipelines call them; each environment says what they are there
  events: { type: Cluster }
  domain: { type: Cluster }

collections: # what sinks and sources need there
  - { connectionName: domain, db: shop, coll: orders, indexes: [{ key: { customerId: 1 } }] }

environments:
  local: # every Cluster is one mongod on this machine, unless a connection here has a uri
    target: emulator
    dlq: { connectionName: domain, db: ops, coll: dead_letters }
  # production: # a workspace of Atlas, for asp plan and asp deploy
  #   target: admin-api
  #   projectId: \${ATLAS_PROJECT_ID}
  #   workspace: shop
  #   auth: { type: service-account, clientId: "\${ATLAS_CLIENT_ID}", clientSecret: "\${ATLAS_CLIENT_SECRET}" }
  #   dlq: { connectionName: domain, db: ops, coll: dead_letters }
  #   connections: # the names that the workspace has for them
  #     events: { name: shop-events }
  #     domain: { name: shop-domain }
`;

const events = `// What happens to an order. Only types: this file exports no processor.

export type OrderEvent =
  | { type: "OrderPlaced"; data: { customerId: string } }
  | { type: "ItemAdded"; data: { sku: string; quantity: number; price: number } }
  | { type: "OrderCancelled"; data: { reason: string } };

/** The read model that orders.ts keeps up to date: one document per order. */
export interface OrderView {
  status: "new" | "placed";
  customerId?: string;
  items: number;
  total: number;
}
`;

const orders = `import { defineProjection, remove } from "asp-toolkit";
import type { OrderEvent, OrderView } from "./events.ts";

export default defineProjection<OrderView, OrderEvent>({
  name: "orders",
  into: { connectionName: "domain", db: "shop", coll: "orders" },
  initial: { status: "new", items: 0, total: 0 },
  on: {
    OrderPlaced: ({ data }) => ({ status: "placed", customerId: data.customerId }),
    ItemAdded: ({ data }, view) => ({
      items: { $add: [view.items, data.quantity] },
      total: { $add: [view.total, { $multiply: [data.quantity, data.price] }] },
    }),
    OrderCancelled: () => remove(),
  },
});
`;

const given = [
  ["order-1", 1, "OrderPlaced", "2026-01-05T09:00:00Z", { customerId: "ada" }],
  ["order-1", 2, "ItemAdded", "2026-01-05T09:00:05Z", { sku: "tea", quantity: 2, price: 4.5 }],
  ["order-2", 1, "OrderPlaced", "2026-01-05T09:01:00Z", { customerId: "bob" }],
  ["order-1", 3, "ItemAdded", "2026-01-05T09:01:10Z", { sku: "cup", quantity: 1, price: 12 }],
  ["order-2", 2, "OrderCancelled", "2026-01-05T09:02:00Z", { reason: "changed his mind" }],
]
  .map(([streamId, version, type, time, data], index) =>
    JSON.stringify({ _id: `e${index + 1}`, streamId, version, type, occurredAt: { $date: time }, data }),
  )
  .join("\n")
  .concat("\n");

const then = `{"_id":"order-1","status":"placed","customerId":"ada","items":3,"total":21}
`;
