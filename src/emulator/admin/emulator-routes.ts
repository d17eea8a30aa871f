import { Type, type Static } from "@sinclair/typebox";
import { Ajv } from "ajv";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { unitMs } from "../../compiler/kinds.ts";
import { isAspError } from "../../diagnostics/asp-error.ts";
import { oneOf } from "../../config/shape.ts";
import { durationUnits } from "../../stages/values.ts";
import type { AdminServerOptions } from "./admin-server-types.ts";
import { faultsSchema, type Fault } from "./faults/fault.ts";
import type { FaultBook } from "./faults/fault-book.ts";
import { ApiError } from "./http/api-error.ts";
import { writeJson } from "./http/write-json.ts";

/** What the service does not have: for tests, below a path that no client of it knows. */
const emulatorPath = "/_emulator";
const config = { door: "emulator" } as const;

const text = Type.Optional(Type.String());
const peeringSchema = Type.Object(
  {
    name: text,
    accepterAccountId: text,
    accepterCidr: text,
    accepterVpcId: text,
    expirationTime: text,
    requesterAccountId: text,
    requesterCidr: text,
    requesterVpcId: text,
  },
  { additionalProperties: false },
);

export interface EmulatorRoutesParts extends Pick<AdminServerOptions, "project" | "clock"> {
  readonly faults: FaultBook;
}

/** Documented in docs/errors/ASP5312.md. */
const clockRefused = "ASP5312";

const clockSchema = Type.Object(
  { advance: Type.Object({ size: Type.Integer({ minimum: 1 }), unit: oneOf(durationUnits, "Unit of time.") }) },
  { additionalProperties: false },
);

/**
 * `/_emulator/clock`: GET shows engine time; POST `{advance: {size, unit}}` moves a clock on that stands still, and answers once windows and
 * schedules have looked at it.
 * `/_emulator/faults`: GET shows those that wait, POST adds, PUT replaces, DELETE takes all away.
 * `/_emulator/vpcPeeringConnections`: POST makes one, as a request at the cloud would.
 */
export function addEmulatorRoutes(
  app: FastifyInstance,
  { project: { resources }, faults, clock }: EmulatorRoutesParts,
): void {
  const ajv = new Ajv({ allErrors: true, strict: false });
  const isFaults = ajv.compile(faultsSchema);
  const isClock = ajv.compile<Static<typeof clockSchema>>(clockSchema);
  const isPeering = ajv.compile(peeringSchema);
  const send = (reply: FastifyReply, status: number, value: unknown): FastifyReply =>
    reply.code(status).type("application/json").send(writeJson(value));
  const show = (reply: FastifyReply): FastifyReply => send(reply, 200, { faults: faults.list() });
  const demandFaults = (request: FastifyRequest): readonly Fault[] => {
    const body = readJson(request);
    if (isFaults(body)) return (body as { readonly faults: readonly Fault[] }).faults;
    throw new ApiError(400, "INVALID_ATTRIBUTE", `No faults: ${ajv.errorsText(isFaults.errors)}`);
  };

  app.get(`${emulatorPath}/faults`, { config }, (_, reply) => show(reply));
  app.post(`${emulatorPath}/faults`, { config }, (request, reply) => {
    faults.add(demandFaults(request));
    return show(reply);
  });
  app.put(`${emulatorPath}/faults`, { config }, (request, reply) => {
    const wanted = demandFaults(request);
    faults.clear();
    faults.add(wanted);
    return show(reply);
  });
  app.delete(`${emulatorPath}/faults`, { config }, (_, reply) => {
    faults.clear();
    return show(reply);
  });
  app.get(`${emulatorPath}/clock`, { config }, (_, reply) =>
    send(reply, 200, { now: new Date(clock?.now() ?? Date.now()).toISOString(), isVirtual: clock !== undefined }),
  );
  app.post(`${emulatorPath}/clock`, { config }, async (request, reply) => {
    const body = readJson(request);
    if (clock === undefined)
      throw new ApiError(409, "INVALID_STATE", "The clock is the machine's: start the emulator with --time virtual.");
    if (!isClock(body)) throw new ApiError(400, "INVALID_ATTRIBUTE", `No time: ${ajv.errorsText(isClock.errors)}`);
    const { size, unit } = body.advance;
    await clock.advance(size * unitMs[unit]).catch((error: unknown) => {
      if (!isAspError(error) || error.code !== clockRefused) throw error;
      throw new ApiError(400, "INVALID_ATTRIBUTE", `No time: ${error.message}`);
    });
    return send(reply, 200, { now: new Date(clock.now()).toISOString(), isVirtual: true });
  });
  app.post(`${emulatorPath}/vpcPeeringConnections`, { config }, async (request, reply) => {
    const body = readJson(request);
    if (!isPeering(body)) {
      throw new ApiError(400, "INVALID_ATTRIBUTE", `No peering: ${ajv.errorsText(isPeering.errors)}`);
    }
    const states = { cloudStatus: "pending-acceptance", localStatus: "PENDING" };
    const { id } = await resources.create("vpcPeering", { ...(body as object), ...states });
    return send(reply, 200, { _id: id });
  });
}

function readJson({ body }: FastifyRequest): unknown {
  try {
    return JSON.parse(Buffer.isBuffer(body) ? body.toString("utf8") : "");
  } catch {
    throw new ApiError(400, "INVALID_JSON", "The body is no JSON.");
  }
}
