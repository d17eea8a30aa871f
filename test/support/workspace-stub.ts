import { createServer } from "node:net";
import type { Socket } from "node:net";
import { deserialize, serialize } from "bson";
import type { Document } from "bson";

/** A command as it came: the BSON bytes, since an object would forget the order of some keys. */
export interface SeenCommand {
  readonly name: string;
  readonly bytes: Uint8Array;
}

interface Processor {
  readonly name: string;
  state: string;
  /** What it becomes, and after how many listings. */
  next?: { readonly state: string; listings: number };
}

/** As much of a workspace as a shell needs that creates, modifies, stops and starts processors. */
export interface WorkspaceStub {
  readonly uri: string;
  /** Commands that change something, in the order they came. */
  readonly seen: readonly SeenCommand[];
  readonly processors: ReadonlyMap<string, { readonly state: string }>;
  /** Names whose modification is refused. */
  readonly refused: Set<string>;
  add(processor: Processor): void;
  close(): Promise<void>;
}

/**
 * Source: real-clients section 2 (what the shell sends while it connects) and asp-control-plane section 3.2 (the commands).
 * Whatever else is asked gets CommandNotFound, which shells swallow.
 */
export async function startWorkspaceStub(): Promise<WorkspaceStub> {
  const processors = new Map<string, Processor>();
  const seen: SeenCommand[] = [];
  const refused = new Set<string>();
  const sockets = new Set<Socket>();
  const handle = (bytes: Uint8Array): Document => {
    const command = deserialize(bytes);
    const name = Object.keys(command)[0] ?? "";
    if (name in changes) seen.push({ name, bytes });
    return changes[name]?.(command) ?? reads[name]?.(command) ?? refuse(59, `no such command: ${name}`);
  };
  const change = (allowed: readonly string[], act: (processor: Processor) => void) => (command: Document) => {
    const processor = processors.get(Object.values(command)[0]);
    if (processor === undefined) return refuse(125, "stream processor doesn't exist");
    if (!allowed.includes(processor.state)) return refuse(125, `not possible while ${processor.state}`);
    act(processor);
    return { ok: 1 };
  };
  const changes: Readonly<Record<string, (command: Document) => Document>> = {
    createStreamProcessor: ({ createStreamProcessor: name }) => {
      if (processors.has(name)) return refuse(125, "a stream processor of this name exists");
      processors.set(name, { name, state: "CREATED" });
      return { ok: 1 };
    },
    modifyStreamProcessor: (command) =>
      refused.has(command["modifyStreamProcessor"])
        ? refuse(125, "the checkpoint does not fit")
        : change(["CREATED", "STOPPED", "FAILED"], () => undefined)(command),
    startStreamProcessor: change(["CREATED", "STOPPED", "FAILED"], (processor) => {
      processor.state = "STARTED";
    }),
    stopStreamProcessor: change(["STARTED"], (processor) => {
      processor.state = "STOPPING";
      processor.next = { state: "STOPPED", listings: 2 };
    }),
  };
  const hello = () => ({
    ok: 1,
    ismaster: true,
    isWritablePrimary: true,
    maxWireVersion: 25,
    minWireVersion: 0,
    ...limits,
  });
  const reads: Readonly<Record<string, (command: Document) => Document>> = {
    ismaster: hello,
    hello,
    listStreamProcessors: ({ filter }) => {
      const found = [...processors.values()].filter(({ name }) => filter?.name === undefined || filter.name === name);
      const listed = found.map(({ name, state }) => ({ name, state, pipeline: [] }));
      for (const processor of found) settle(processor);
      return { ok: 1, streamProcessors: listed };
    },
  };
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => socket.destroy());
    readMessages(socket, handle);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the stub listens on no port");
  return {
    uri: `mongodb://127.0.0.1:${address.port}/`,
    seen,
    processors,
    refused,
    add: (processor) => void processors.set(processor.name, processor),
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const limits = { maxBsonObjectSize: 16_777_216, maxMessageSizeBytes: 48_000_000, maxWriteBatchSize: 100_000 };

function refuse(code: number, errmsg: string): Document {
  return { ok: 0, code, errmsg };
}

function settle(processor: Processor): void {
  if (processor.next === undefined || --processor.next.listings > 0) return;
  processor.state = processor.next.state;
  delete processor.next;
}

const opReply = 1;
const opQuery = 2004;
const opMsg = 2013;
const moreToCome = 2;

/** Cuts what a socket receives into messages, and answers each. */
function readMessages(socket: Socket, handle: (bytes: Uint8Array) => Document): void {
  let rest = Buffer.alloc(0);
  socket.on("data", (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= 4 && rest.length >= rest.readInt32LE(0)) {
      const message = rest.subarray(0, rest.readInt32LE(0));
      rest = rest.subarray(message.length);
      answer(socket, message, handle);
    }
  });
}

function answer(socket: Socket, message: Buffer, handle: (bytes: Uint8Array) => Document): void {
  const id = message.readInt32LE(4);
  switch (message.readInt32LE(12)) {
    case opQuery: {
      const start = message.indexOf(0, 20) + 9;
      const reply = serialize(handle(message.subarray(start)));
      const head = Buffer.alloc(20);
      head.writeInt32LE(8, 0);
      head.writeInt32LE(1, 16);
      send(socket, { to: id, opCode: opReply, parts: [head, reply] });
      return;
    }
    case opMsg: {
      const reply = serialize(handle(message.subarray(21)));
      if ((message.readInt32LE(16) & moreToCome) !== 0) return;
      send(socket, { to: id, opCode: opMsg, parts: [Buffer.alloc(5), reply] });
      return;
    }
    default:
      socket.destroy();
  }
}

function send(
  socket: Socket,
  { to, opCode, parts }: { readonly to: number; readonly opCode: number; readonly parts: readonly Uint8Array[] },
): void {
  const body = Buffer.concat(parts);
  const header = Buffer.alloc(16);
  header.writeInt32LE(16 + body.length, 0);
  header.writeInt32LE(to, 8);
  header.writeInt32LE(opCode, 12);
  socket.write(Buffer.concat([header, body]));
}
