import { expect, test } from "vitest";
import { createClientSlot } from "../../../src/engine/kafka/client-slot.ts";

test("once closed it makes no further client: nobody would close that one", async () => {
  const clients: { closed: boolean }[] = [];
  const slot = createClientSlot("bus", async () => {
    const client = { closed: false };
    clients.push(client);
    return {
      close: async () => {
        client.closed = true;
      },
    };
  });
  expect(await slot.run(async () => 1)).toBe(1);
  await slot.close();
  await expect(slot.run(async () => 2)).rejects.toMatchObject({ code: "ASP5120", retryable: false });
  expect(clients).toEqual([{ closed: true }]);
});
