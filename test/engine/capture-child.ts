import { createCaptureStore } from "../../src/engine/sinks/capture/capture-store.ts";

// Collects numbered records until it is killed, and says which are on the disk: `node capture-child.ts <dir> <from>`.

const [dir = "", from = "1"] = process.argv.slice(2);
const store = createCaptureStore({
  dir,
  processor: "numbers",
  format: { extension: ".json.gz", delimiter: "\n", isTerminated: false, compression: "gzip", compressionLevel: 1 },
  writeOptions: { count: 70, bytes: Infinity, intervalMs: Infinity },
  now: Date.now,
});
await store.resume();
const encoder = new TextEncoder();
for (let next = Number(from); ;) {
  const records = Array.from({ length: 25 }, (_, index) => {
    const bytes = encoder.encode(JSON.stringify({ n: next + index, text: "x".repeat((next + index) % 500) }));
    return { bytes, weight: bytes.length };
  });
  await store.append("all", records);
  next += records.length;
  await store.sync();
  process.stdout.write(`${next}\n`);
}
