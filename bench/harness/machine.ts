import { cpus, totalmem } from "node:os";
import { findMongod } from "../../src/mongod/find-mongod.ts";

/** What the figures were measured on, in one line. */
export async function describeMachine(): Promise<string> {
  const { version } = await findMongod({ env: process.env });
  const cores = cpus();
  const memory = `${Math.round(totalmem() / 2 ** 30)} GB`;
  return `${cores.length} cores (${cores[0]?.model.trim() ?? "unknown"}), ${memory}, node ${process.version}, mongod ${version}`;
}
