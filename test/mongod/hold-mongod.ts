// A process of its own that starts a mongod, says its number, and waits to be killed.
import { startMongod } from "../../src/mongod/start-mongod.ts";

const mongod = await startMongod({ env: process.env });
process.stdout.write(`${mongod.pid}\n`);
setInterval(() => undefined, 1000);
