import { Type } from "@sinclair/typebox";
import { gzipSync } from "node:zlib";
import type { LogEntry } from "../../project-types.ts";
import { writeJson } from "../http/write-json.ts";
import { dates, defineOperation, streams, type Call, type Download, type Operation } from "../operation.ts";
import { demandTenant, invalidAttribute } from "./demand.ts";

/** Seconds since the epoch. */
const seconds = Type.Optional(Type.Integer({ minimum: 0, maximum: 253_402_300_799 }));
const query = { startDate: seconds, endDate: seconds, spName: Type.Optional(Type.String({ minLength: 1 })) };

/** A workspace's logs as gzip: one entry a line, as JSON. Source: asp-control-plane 1.1 and 1.6. */
export const logOperations: readonly Operation[] = [
  defineOperation(`GET ${streams}/{tenantName}/auditLogs`, {
    id: "downloadGroupStreamAuditLogs",
    versions: [dates.first],
    format: "gzip",
    needs: "manager",
    query,
    handle: (call) => download(call, "audit"),
  }),
  defineOperation(`GET ${streams}/{tenantName}:downloadOperationalLogs`, {
    id: "downloadGroupStreamOperationalLogs",
    versions: [dates.latest],
    format: "gzip",
    needs: "manager",
    query,
    handle: (call) => download(call, "operational"),
  }),
];

interface LogQuery {
  readonly startDate?: number | undefined;
  readonly endDate?: number | undefined;
  readonly spName?: string | undefined;
}

async function download(call: Call<unknown, LogQuery>, kind: LogEntry["kind"]): Promise<Download> {
  const tenant = demandTenant(call);
  const { startDate = 0, endDate = Math.ceil(call.now() / 1000), spName } = call.query;
  if (startDate > endDate) throw invalidAttribute("startDate", "it is after endDate");
  const entries = await tenant.logs({
    kind,
    from: new Date(startDate * 1000),
    // The last second is a whole one.
    to: new Date(endDate * 1000 + 999),
    ...(spName !== undefined && { processor: spName }),
  });
  return {
    fileName: `${tenant.record.name}_${startDate}_${endDate}_${kind}.log.gz`,
    bytes: gzipSync(entries.map((entry) => `${writeJson(toLine(entry))}\n`).join("")),
  };
}

function toLine({ at, kind, processor, message, detail }: LogEntry): object {
  return { at: at.toISOString(), detail, kind, message, processor };
}
