import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { defineFinding } from "../diagnostics/define-finding.ts";
import type { Finding } from "../diagnostics/finding.ts";
import type { Config, ConfigPath } from "./config.ts";
import type { ConnectionConfig } from "./connection-schema.ts";

/** Documented in docs/errors/ASP4016.md. */
export const noFunctionModule = defineFinding<{ name: string; module: string }>("ASP4016", {
  severity: "error",
  message: ({ name, module }) => `the function \`${name}\` is to be ${module}, and there is no such file`,
  help: "correct the path; it counts from the folder of this file and names the extension",
});

/** The config with the modules of `functions` as absolute paths; a file that is not there is a finding. */
export async function loadFunctionModules(
  config: Config,
  folder: string,
): Promise<{ readonly config: Config; readonly findings: readonly Finding[] }> {
  const findings: Finding[] = [];
  const inAll = async (all: Connections, base: ConfigPath): Promise<Connections> =>
    Object.fromEntries(
      await Promise.all(
        Object.entries(all).map(
          async ([name, connection]) => [name, await inOne(connection, [...base, name])] as const,
        ),
      ),
    );
  const inOne = async (connection: ConnectionConfig, base: ConfigPath): Promise<ConnectionConfig> => {
    if (connection.functions === undefined) return connection;
    const functions = Object.entries(connection.functions).map(async ([name, { module, ...more }]) => {
      const path = resolve(folder, module);
      if (!(await isFile(path))) {
        const place = config.placeOf([...base, "functions", name, "module"]);
        findings.push(noFunctionModule(place === undefined ? {} : { place }, { name, module }));
      }
      return [name, { ...more, module: path }] as const;
    });
    return { ...connection, functions: Object.fromEntries(await Promise.all(functions)) };
  };
  const environments = Object.entries(config.environments).map(async ([name, environment]) => {
    const { connections } = environment;
    if (connections === undefined) return [name, environment] as const;
    return [
      name,
      { ...environment, connections: await inAll(connections, ["environments", name, "connections"]) },
    ] as const;
  });
  const made = {
    ...config,
    connections: await inAll(config.connections, ["connections"]),
    environments: Object.fromEntries(await Promise.all(environments)),
  };
  return { config: made, findings };
}

type Connections = Readonly<Record<string, ConnectionConfig>>;

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}
