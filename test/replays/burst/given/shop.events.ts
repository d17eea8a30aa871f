import { orderEvents } from "../order-events.ts";

/** 50,000 events of 5,000 orders, one of each in turn. A replay and no test case; `test/sample/replays.cli.test.ts` knows what comes of it. */
export default () => orderEvents({ events: 50_000, orders: 5_000, arrival: "round-robin", seed: 1 });
