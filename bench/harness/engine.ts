import type { Connections } from "../../src/engine/connections.ts";
import type { EngineOptions } from "../../src/engine/engine.ts";
import { startEngine } from "../../src/engine/start-engine.ts";
import type { Definition } from "../../src/stages/definition.ts";
import type { Contender } from "./contender.ts";

/** Our side: the engine, continuing from a checkpoint that was written before there were events. */
export function engine(definitions: readonly Definition[], connections?: Connections): Contender {
  return {
    prepare: async ({ cluster }) => {
      const options: EngineOptions = {
        cluster: () => cluster,
        checkpoints: { cluster, db: "asp" },
        ...(connections === undefined ? {} : { connections }),
      };
      const before = await startEngine(definitions, options);
      await before.stop();
      return async () => {
        const running = await startEngine(definitions, options);
        await running.caughtUp();
        for (const { name, state, deadLetters, error } of running.stats()) {
          if (state !== "STARTED") throw new Error(`${name} is ${state}: ${error?.message ?? "for no reason given"}`);
          if (deadLetters > 0) throw new Error(`wrong result: ${name} has ${deadLetters} dead letters`);
        }
        return () => running.stop();
      };
    },
  };
}
