import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execPath } from "node:process";
import { fileURLToPath } from "node:url";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import type { Document } from "bson";
import { onTestFinished } from "vitest";

export interface McpAnswer {
  readonly isError: boolean;
  readonly text: string;
  readonly data: Document;
}

/** MongoDB's own MCP server as a child process, which is a client of the Admin API. */
export interface McpClient {
  call(tool: string, args: Document): Promise<McpAnswer>;
  /** What it has written to its log so far. */
  log(): string;
  /** It revokes its token and ends. */
  close(): Promise<void>;
}

const program = fileURLToPath(new URL("../../../node_modules/mongodb-mcp-server/dist/esm/index.js", import.meta.url));

/** @param ca PEM of the authority that the server's certificate is signed by */
export async function startMcpClient(
  baseUrl: string,
  ca: string,
  account: { readonly clientId: string; readonly clientSecret: string },
): Promise<McpClient> {
  const home = await mkdtemp(join(tmpdir(), "asp-mcp-"));
  const caFile = join(home, "ca.pem");
  await writeFile(caFile, ca);
  const transport = new StdioClientTransport({
    command: execPath,
    args: [program],
    stderr: "pipe",
    // The transport hands on only what it knows.
    env: {
      HOME: home,
      MDB_MCP_API_BASE_URL: baseUrl,
      MDB_MCP_API_CLIENT_ID: account.clientId,
      MDB_MCP_API_CLIENT_SECRET: account.clientSecret,
      MDB_MCP_TELEMETRY: "disabled",
      MDB_MCP_LOGGERS: "stderr",
      SSL_CERT_FILE: caFile,
      NODE_EXTRA_CA_CERTS: caFile,
    },
  });
  let log = "";
  transport.stderr?.on("data", (chunk: Buffer) => {
    log += chunk.toString();
  });
  const client = new Client({ name: "asp-tests", version: "1" });
  await client.connect(transport);
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => (closing ??= client.close());
  onTestFinished(async () => {
    await close();
    await rm(home, { recursive: true, force: true });
  });
  return {
    call: async (tool, args) => {
      const answer = await client.callTool({ name: tool, arguments: args });
      const parts = (answer.content ?? []) as readonly { readonly type: string; readonly text?: string }[];
      return {
        isError: answer.isError === true,
        text: parts.map(({ text = "" }) => text).join("\n"),
        data: answer.structuredContent ?? {},
      };
    },
    log: () => log,
    close,
  };
}
