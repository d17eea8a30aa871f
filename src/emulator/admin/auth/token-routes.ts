import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Authenticator } from "./authenticate.ts";
import type { ServiceAccount } from "../../credentials.ts";
import { tokenLifetimeSeconds, type Tokens } from "./tokens.ts";

const config = { door: "token" } as const;
/** Bytes of a form: it is read before it is known who sends it. */
const bodyLimit = 16 * 1024;

/** OAuth2 client credentials. Source: asp-control-plane section 2, RFC 6749 5.2 for refusals, RFC 7009 for revoking. */
export function addTokenRoutes(app: FastifyInstance, authenticator: Authenticator, tokens: Tokens): void {
  app.post("/api/oauth/token", { config, bodyLimit }, (request, reply) => {
    const asked = readRequest(request, authenticator);
    if ("error" in asked) return refuse(reply, asked);
    const { account, form } = asked;
    if (form.get("grant_type") !== "client_credentials") return refuse(reply, unsupportedGrant);
    const token = tokens.issue(account.clientId);
    return answer(reply, 200, { access_token: token, expires_in: tokenLifetimeSeconds, token_type: "Bearer" });
  });
  app.post("/api/oauth/revoke", { config, bodyLimit }, (request, reply) => {
    const asked = readRequest(request, authenticator);
    if ("error" in asked) return refuse(reply, asked);
    const token = asked.form.get("token");
    if (token === null) return refuse(reply, invalidRequest("the form has no `token`"));
    // Another client's token is left alone, and nothing is said of it.
    if (tokens.read(token) === asked.account.clientId) tokens.revoke(token);
    return answer(reply, 200, {});
  });
}

interface Refusal {
  readonly status: number;
  readonly error: string;
  readonly error_description: string;
}

const invalidRequest = (text: string): Refusal => ({ status: 400, error: "invalid_request", error_description: text });
const invalidClient: Refusal = {
  status: 401,
  error: "invalid_client",
  error_description: "the client is not known, or its secret is wrong",
};
const unsupportedGrant: Refusal = {
  status: 400,
  error: "unsupported_grant_type",
  error_description: "only client_credentials is supported",
};

function readRequest(
  { headers, body }: FastifyRequest,
  authenticator: Authenticator,
): Refusal | { readonly account: ServiceAccount; readonly form: URLSearchParams } {
  const account = authenticator.readBasic(headers.authorization);
  if (account === undefined) return invalidClient;
  const [type = ""] = (headers["content-type"] ?? "").split(";");
  if (type.trim().toLowerCase() !== "application/x-www-form-urlencoded") {
    return invalidRequest("the body must be application/x-www-form-urlencoded");
  }
  const form = new URLSearchParams(Buffer.isBuffer(body) ? body.toString("utf8") : "");
  const names = [...form.keys()];
  if (new Set(names).size < names.length) return invalidRequest("a field comes twice");
  return { account, form };
}

function refuse(reply: FastifyReply, { status, error, error_description }: Refusal): FastifyReply {
  if (status === 401) void reply.header("www-authenticate", 'Basic realm="MMS Public API"');
  return answer(reply, status, { error, error_description });
}

function answer(reply: FastifyReply, status: number, body: object): FastifyReply {
  void reply.header("cache-control", "no-store");
  return reply.code(status).type("application/json").send(JSON.stringify(body));
}
