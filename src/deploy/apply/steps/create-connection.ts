import type { ApplyContext } from "../apply-context.ts";
import { awaitReady, expectConnection } from "../await-connection.ts";
import { demand } from "../demand.ts";
import type { StepOf } from "../step-of.ts";
import { done, type StepEnd } from "../step-result.ts";
import { settingsOf } from "../settings-of.ts";

/** Makes a connection and waits until it is READY. */
export async function createConnection(
  { connection: name }: StepOf<"create-connection">,
  context: ApplyContext,
): Promise<StepEnd> {
  const { target, slots, tell } = context;
  await slots.run(async () => {
    await expectConnection(name, context);
    tell(`connection ${name}: creating`);
    const create = (): Promise<void> => target.createConnection(name, settingsOf(name, context));
    const lookAgain = (): Promise<unknown> => expectConnection(name, context);
    await demand(create, { name, action: "create the connection", at: {}, fault: "project", lookAgain });
  });
  return done(...(await awaitReady(name, context)));
}
