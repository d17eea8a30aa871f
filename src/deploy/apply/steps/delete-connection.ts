import type { ApplyContext } from "../apply-context.ts";
import { awaitGone } from "../await-connection.ts";
import { demand } from "../demand.ts";
import type { StepOf } from "../step-of.ts";
import { done, type StepEnd } from "../step-result.ts";

/** Deletes a connection, and waits until it is gone. */
export async function deleteConnection(
  { connection: name }: StepOf<"delete-connection">,
  context: ApplyContext,
): Promise<StepEnd> {
  const { target, slots, tell } = context;
  await slots.run(async () => {
    const isThere = (await target.connections()).some((each) => each.name === name);
    if (!isThere) return;
    tell(`connection ${name}: deleting`);
    await demand(() => target.deleteConnection(name), {
      name,
      action: "delete the connection",
      at: {},
      fault: "world",
    });
    await awaitGone(name, context);
  });
  return done();
}
