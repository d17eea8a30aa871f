import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** A server on this machine that answers as a schema registry does. */
export interface RegistryServer {
  readonly url: string;
  /** Method and path of each request, in order. */
  readonly requests: string[];
  /** Registers a schema as another producer would. */
  register(subject: string, schema: object, references?: readonly object[]): number;
  /** What every request is answered with from now on, in place of an answer. */
  fail(status: number | undefined): void;
  close(): Promise<void>;
}

interface Entry {
  readonly id: number;
  readonly subject: string;
  readonly schema: string;
  readonly references: readonly object[];
}

export async function startRegistry(login?: string): Promise<RegistryServer> {
  const entries: Entry[] = [];
  const requests: string[] = [];
  let failing: number | undefined;

  const register = (subject: string, schema: string, references: readonly object[]): number => {
    const same = entries.find((entry) => entry.schema === schema);
    const id = same?.id ?? entries.length + 101;
    if (!entries.some((entry) => entry.schema === schema && entry.subject === subject)) {
      entries.push({ id, subject, schema, references });
    }
    return id;
  };

  const answer = (method: string, path: string, body: string): readonly [number, object] => {
    const [, byId] = /^\/schemas\/ids\/(\d+)$/.exec(path) ?? [];
    if (method === "GET" && byId !== undefined) {
      const found = entries.find(({ id }) => id === Number(byId));
      if (found === undefined) return [404, { error_code: 40403, message: "Schema not found" }];
      const { schema, references } = found;
      return [200, { schema, ...(references.length === 0 ? {} : { references }) }];
    }
    const [, subject = "", versions, version] = /^\/subjects\/([^/]+)(\/versions(?:\/(\d+))?)?$/.exec(path) ?? [];
    const name = decodeURIComponent(subject);
    const own = entries.filter((entry) => entry.subject === name);
    if (method === "GET") {
      const found = own[Number(version) - 1];
      return found === undefined ? [404, { error_code: 40402, message: "Version not found" }] : [200, found];
    }
    const { schema } = JSON.parse(body) as { readonly schema: string };
    if (versions !== undefined) {
      if (schema.includes("incompatible"))
        return [409, { error_code: 409, message: "Schema being registered is incompatible" }];
      return [200, { id: register(name, schema, []) }];
    }
    const found = own.find((entry) => entry.schema === schema);
    return found === undefined
      ? [404, { error_code: 40403, message: "Schema not found" }]
      : [200, { id: found.id, subject: name }];
  };

  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      requests.push(`${request.method ?? ""} ${request.url ?? ""}`);
      const expected = login === undefined ? undefined : `Basic ${Buffer.from(login).toString("base64")}`;
      const [status, body] =
        expected !== undefined && request.headers.authorization !== expected
          ? [401, { error_code: 401, message: "Unauthorized" }]
          : failing === undefined
            ? answer(request.method ?? "", request.url ?? "", Buffer.concat(chunks).toString())
            : [failing, {}];
      response
        .writeHead(status, { "content-type": "application/vnd.schemaregistry.v1+json" })
        .end(JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    register: (subject, schema, references = []) => register(subject, JSON.stringify(schema), references),
    fail: (status) => {
      failing = status;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
