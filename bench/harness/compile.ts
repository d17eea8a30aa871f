import { compileProcessor } from "../../src/compiler/compile-processor.ts";
import { parseConfig } from "../../src/config/parse-config.ts";
import { resolveEnvironment } from "../../src/config/resolve-environment.ts";
import type { AuthoredValue } from "../../src/projections/processor-value.ts";
import type { Definition } from "../../src/stages/definition.ts";

const configText = `
events: { connectionName: events, db: shop, coll: events }
connections: { events: { type: Cluster }, domain: { type: Cluster } }
environments: { local: { target: emulator, dlq: { connectionName: domain, db: ops, coll: dead_letters } } }
`;

export function compile(value: AuthoredValue): Definition {
  const { config } = parseConfig(configText, "atlas.config.yaml");
  if (config === undefined) throw new Error("the benchmarks' config is wrong");
  const { environment } = resolveEnvironment(config, "local");
  if (environment === undefined) throw new Error("the benchmarks' environment is wrong");
  const { definition, findings } = compileProcessor(value, { environment, at: () => undefined });
  if (definition === undefined) throw new Error(`${value.name}: ${findings.map(({ message }) => message).join("; ")}`);
  return definition;
}
