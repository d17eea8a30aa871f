import { expect, test } from "vitest";
import { withMongod } from "../support/mongod.ts";

test("a started mongod takes writes, opens change streams and runs transactions", async () => {
  const { client, db } = await withMongod();
  const events = client.db(db).collection<{ _id: number }>("events");
  const stream = events.watch();
  const next = stream.next();
  await client.withSession((session) =>
    session.withTransaction(async () => {
      await events.insertOne({ _id: 1 }, { session });
    }),
  );
  expect(await next).toMatchObject({ operationType: "insert", documentKey: { _id: 1 } });
  await stream.close();
});
