import { once } from "node:events";
import { connect, type Socket } from "node:net";
import fc from "fast-check";

/** Sends bytes as they are, and gives what comes until the other side hangs up or says nothing for a while. */
export async function sendRaw(port: number, bytes: string | Uint8Array, quietMs = 300): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  socket.write(bytes);
  return readAll(socket, quietMs);
}

export function readAll(socket: Socket, quietMs: number): Promise<string> {
  let text = "";
  return new Promise((resolve) => {
    socket.on("data", (chunk) => (text += chunk.toString("latin1")));
    socket.on("error", () => undefined);
    socket.on("close", () => resolve(text));
    socket.setTimeout(quietMs, () => socket.destroy());
  });
}

/** First digits of the statuses of what was answered. */
export function statusClasses(answer: string): readonly string[] {
  return [...answer.matchAll(/^HTTP\/1\.1 (\d)/gm)].map(([, first = ""]) => first);
}

const requests = [
  "GET /api/atlas/v2/orgs HTTP/1.1\r\nHost: a\r\n\r\n",
  "POST /api/oauth/token HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab",
  'GET /api/atlas/v2/orgs HTTP/1.1\r\nHost: a\r\nAuthorization: Digest username="a", realm="MMS Public API", nonce="a.b.c", uri="/api/atlas/v2/orgs", qop=auth, nc=00000001, cnonce="x", response="0"\r\n\r\n',
  "GET /_emulator/faults HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer a.b.c\r\n\r\n",
  "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\nzz\r\n",
  "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
];

/** Random bytes, and requests that nobody may make with random bytes in them. */
export const junk: fc.Arbitrary<Uint8Array> = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  fc
    .tuple(fc.constantFrom(...requests), fc.nat({ max: 200 }), fc.uint8Array({ maxLength: 40 }))
    .map(([text, at, bytes]) => Buffer.concat([Buffer.from(text.slice(0, at)), bytes, Buffer.from(text.slice(at))])),
);
