import { unusableMongod } from "../errors.ts";
import { probeBinary } from "./probe-binary.ts";
import type { MongodSource } from "./source.ts";

/** The user's own word, in the variable that mongodb-memory-server reads too. One that does not work is an error. */
export const namedByVariable: MongodSource = {
  origin: "MONGOMS_SYSTEM_BINARY",
  async find({ env, signal }) {
    const path = env["MONGOMS_SYSTEM_BINARY"] ?? "";
    if (path === "") return "not set";
    const probe = await probeBinary(path, signal);
    if ("problem" in probe) throw unusableMongod(path, probe.problem);
    return { path, version: probe.version, reason: `MONGOMS_SYSTEM_BINARY names ${path}` };
  },
};
