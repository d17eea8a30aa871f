import { startTestMongod, type TestMongod, type TestMongodOptions } from "./test-mongod.ts";

/** The mongods of one run of cases after another: each is started when it is first needed, and again where it has died. */
export interface TestMongods extends AsyncDisposable {
  /** Rejects with an AspError where there is none. */
  at(lane: number): Promise<TestMongod>;
}

/** Only the first one says how it is found. */
export function createTestMongods({ onProgress, ...options }: TestMongodOptions): TestMongods {
  const started = new Map<number, Promise<TestMongod>>();
  const start = (lane: number): Promise<TestMongod> => {
    const starting = startTestMongod({ ...options, ...(lane === 0 && onProgress && { onProgress }) });
    const forget = (): void => {
      if (started.get(lane) === starting) started.delete(lane);
    };
    starting.then((mongod) => mongod.died).catch(forget);
    return starting;
  };
  return {
    at: (lane) => {
      const known = started.get(lane) ?? start(lane);
      started.set(lane, known);
      return known;
    },
    [Symbol.asyncDispose]: async () => {
      const all = await Promise.allSettled(started.values());
      await Promise.all(
        all.map(async (one) => (one.status === "fulfilled" ? one.value[Symbol.asyncDispose]() : undefined)),
      );
    },
  };
}
