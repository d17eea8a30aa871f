import type { ConnectionRecord, Resource, ResourceKind, Tenant } from "../../project-types.ts";
import { ApiError } from "../http/api-error.ts";
import type { Call } from "../operation.ts";

/** The workspace that the path names. @throws ApiError 404 */
export function demandTenant({ project, params }: Pick<Call, "project" | "params">): Tenant {
  const { tenantName = "" } = params;
  const found = project.find(tenantName);
  if (found === undefined) {
    const detail = `No stream workspace named ${tenantName} exists in project ${project.id}.`;
    throw new ApiError(404, "STREAM_TENANT_NOT_FOUND_FOR_NAME", detail, { parameters: [project.id, tenantName] });
  }
  return found;
}

/** The connection that the path names. @throws ApiError 404 */
export function demandConnection(call: Pick<Call, "project" | "params">): ConnectionRecord {
  const tenant = demandTenant(call);
  const { connectionName = "" } = call.params;
  const found = tenant.connections.find(connectionName);
  if (found === undefined) throw noConnection(tenant.record.name, connectionName);
  return found;
}

export function noConnection(tenant: string, connection: string): ApiError {
  const detail = `No connection named ${connection} exists in the stream workspace ${tenant}.`;
  return new ApiError(404, "STREAM_CONNECTION_NOT_FOUND_FOR_NAME", detail, { parameters: [tenant, connection] });
}

/** @throws ApiError 404 */
export function demandResource({ project }: Pick<Call, "project">, kind: ResourceKind, id: string): Resource {
  const found = project.resources.find(kind, id);
  if (found === undefined) throw notFound(`No ${words[kind]} with the id ${id} exists in project ${project.id}.`, [id]);
  return found;
}

export function notFound(detail: string, parameters: readonly unknown[] = []): ApiError {
  return new ApiError(404, "RESOURCE_NOT_FOUND", detail, { parameters });
}

const words: Readonly<Record<ResourceKind, string>> = {
  privateLink: "private link connection",
  vpcPeering: "VPC peering connection",
  failoverConnection: "failover connection",
};

/** A field of the body that the service would refuse. */
export function invalidAttribute(field: string, description: string): ApiError {
  return new ApiError(400, "INVALID_ATTRIBUTE", `Invalid attribute ${field} specified: ${description}`, {
    parameters: [field],
    fields: [{ field, description }],
  });
}
