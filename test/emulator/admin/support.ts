import type { Document } from "bson";
import { Ajv } from "ajv";
import { expect, onTestFinished } from "vitest";
import type { AdminServer, AdminServerOptions } from "../../../src/emulator/admin/admin-server-types.ts";
import { toPrincipal, type Principal } from "../../../src/emulator/admin/auth/principal.ts";
import type { Operation } from "../../../src/emulator/admin/operation.ts";
import { operations } from "../../../src/emulator/admin/operations/all-operations.ts";
import { pageOf } from "../../../src/emulator/admin/schemas/parts.ts";
import { startAdminServer } from "../../../src/emulator/admin/start-admin-server.ts";
import type { Role as CredentialRole } from "../../../src/emulator/credentials.ts";
import type { ProjectOptions } from "../../../src/emulator/project/project.ts";
import type { Project } from "../../../src/emulator/project-types.ts";
import type { TestDatabase } from "../../support/mongod.ts";
import { openTestProject } from "../project/support.ts";
import { createAdminCredentials } from "./credentials.ts";

export const credentials = createAdminCredentials();

type Role = Principal["role"];

const isOf = (role: Role) => (each: { readonly role: CredentialRole }) => toPrincipal("", each.role).role === role;
export const apiKeyOf = (role: Role) => demand(credentials.apiKeys.find(isOf(role)));
export const accountOf = (role: Role) => demand(credentials.serviceAccounts.find(isOf(role)));

function demand<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error("it is missing");
  return value;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Of a reply in JSON. */
  readonly json: Document;
}

export interface Asked {
  readonly accept?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as it stands. */
  readonly text?: string;
  readonly as?: Role;
}

export interface TestApi {
  readonly project: Project;
  readonly server: AdminServer;
  readonly origin: string;
  /** Asks with a token; `path` begins after `/groups/{groupId}` unless it begins with `/api` or `/_`. A good reply is held against its schema. */
  call(method: string, path: string, body?: unknown, asked?: Asked): Promise<Answer>;
  /** Without any authorization of its own. */
  send(method: string, path: string, init?: RequestInit): Promise<Answer>;
  tokenOf(role: Role): Promise<string>;
}

/** The Admin API over a real project, by plain http. */
export async function openApi(
  mongod: TestDatabase,
  options: Partial<AdminServerOptions> & { readonly projectOptions?: Partial<ProjectOptions> } = {},
): Promise<TestApi> {
  const { projectOptions, ...own } = options;
  const project = options.project ?? (await openTestProject(mongod, { retryPausesMs: [], ...projectOptions }));
  const server = await startAdminServer({ credentials, port: 0, ...own, project });
  onTestFinished(() => server.close());
  const origin = `http://127.0.0.1:${server.port}`;
  const tokens = new Map<Role, Promise<string>>();

  const send: TestApi["send"] = async (method, path, init = {}) => {
    const reply = await fetch(origin + path, { method, ...init });
    const text = await reply.text();
    const isJson = (reply.headers.get("content-type") ?? "").includes("json");
    return { status: reply.status, headers: reply.headers, text, json: isJson ? (JSON.parse(text) as Document) : {} };
  };
  const askToken = async (role: Role): Promise<string> => {
    const { clientId, clientSecret } = accountOf(role);
    const { json } = await send("POST", "/api/oauth/token", {
      headers: {
        authorization: basic(clientId, clientSecret),
        "content-type": "application/x-www-form-urlencoded",
      },
      body: "grant_type=client_credentials",
    });
    return String(json["access_token"]);
  };
  const tokenOf: TestApi["tokenOf"] = (role) => {
    const known = tokens.get(role) ?? askToken(role);
    tokens.set(role, known);
    return known;
  };
  return {
    project,
    server,
    origin,
    send,
    tokenOf,
    call: async (method, path, body, { accept = latest, headers = {}, text, as = "admin" } = {}) => {
      const target = /^\/(api|_|%)/.test(path) ? path : `/api/atlas/v2/groups/${project.id}${path}`;
      const payload = text ?? (body === undefined ? undefined : JSON.stringify(body));
      const answer = await send(method, target, {
        headers: {
          accept,
          authorization: `Bearer ${await tokenOf(as)}`,
          ...(payload === undefined ? {} : { "content-type": "application/json" }),
          ...headers,
        },
        ...(payload === undefined ? {} : { body: payload }),
      });
      if (answer.status < 300) holdAgainstSchema(method, target, answer);
      return answer;
    },
  };
}

export const latest = "application/vnd.atlas.2025-03-12+json";

export const basic = (user: string, password: string): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;

const ajv = new Ajv({ allErrors: true, strict: false });

function holdAgainstSchema(method: string, target: string, { status, json, text }: Answer): void {
  const path = target.split("?")[0] ?? "";
  const fitting = operations.filter((each) => each.method === method && toPattern(each).test(path));
  // A path without parameters goes before one with.
  const [operation] = fitting.toSorted((a, b) => a.path.split("{").length - b.path.split("{").length);
  if (operation === undefined || target.includes("envelope=true")) return;
  expect(status).toBe(operation.status);
  const { reply, isPaged } = operation;
  if (reply === undefined) return;
  const schema = isPaged ? pageOf(reply) : reply;
  expect(ajv.validate(schema, json), `${operation.id} ${ajv.errorsText()}: ${text.slice(0, 500)}`).toBe(true);
}

function toPattern({ path }: Operation): RegExp {
  return new RegExp(`^/api/atlas/v2${path.replaceAll(/\{\w+\}/g, "[^/:]+")}$`);
}
