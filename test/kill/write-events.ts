/**
 * Writes order events until its stdin ends, then says how many: a service that goes on while processors die.
 *
 * node --import tsx write-events.ts URI DB SEED
 */
import { MongoClient } from "mongodb";
import { setTimeout as sleep } from "node:timers/promises";
import { createRandom } from "./random.ts";

const [uri = "", db = "", seed = "1"] = process.argv.slice(2);
const random = createRandom(Number(seed));
const client = await new MongoClient(uri).connect();
const events = client.db(db).collection("events");
const versions = new Map<string, number>();
let sequence = 0;
let running = true;
process.stdin.on("end", () => (running = false)).resume();

const nextEvent = (): object => {
  const stream = `order-${Math.floor(random() * 40)}`;
  const version = (versions.get(stream) ?? 0) + 1;
  versions.set(stream, version);
  sequence += 1;
  const customerId = `c${Math.floor(random() * 7)}`;
  const head = { sequence, streamId: stream, version, occurredAt: new Date() };
  const draw = random();
  if (version === 1 || draw < 0.1) return { ...head, type: "OrderPlaced", data: { customerId } };
  if (draw < 0.13) return { ...head, type: "OrderCancelled", data: { customerId } };
  const quantity = 1 + Math.floor(random() * 5);
  return { ...head, type: "ItemAdded", data: { customerId, quantity, price: 1 + Math.floor(random() * 20) } };
};

while (running) {
  await events.insertMany(Array.from({ length: 1 + Math.floor(random() * 15) }, nextEvent));
  await sleep(random() * 10);
}
await client.close();
process.stdout.write(`${sequence}\n`);
