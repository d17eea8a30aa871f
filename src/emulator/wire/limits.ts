/** What a wire endpoint bears. All can be set smaller, for tests. */
export interface WireLimits {
  /** Of one message. Source: `maxMessageSizeBytes` of a server. */
  readonly messageBytes: number;
  /** The same before somebody has logged in, where users are asked for. */
  readonly openMessageBytes: number;
  readonly connections: number;
  /** From the connection to its first command; with TLS that, too. */
  readonly handshakeMs: number;
  /** From the first byte of a message to its last, and until a reply has been taken. */
  readonly messageMs: number;
  /** Between messages. */
  readonly idleMs: number;
  /** The same before somebody has logged in: a driver's monitor says hello every ten seconds. */
  readonly openIdleMs: number;
  /** A sample or a process that nobody asks for more is over. */
  readonly sampleIdleMs: number;
  /** So long after the last connection that asked for it has gone. */
  readonly abandonedMs: number;
  readonly openSamples: number;
  /** How long commands may go on once the endpoint is to close. */
  readonly closeMs: number;
}

export const defaultLimits: WireLimits = {
  messageBytes: 48_000_000,
  openMessageBytes: 65_536,
  connections: 1000,
  handshakeMs: 10_000,
  messageMs: 30_000,
  idleMs: 30 * 60_000,
  openIdleMs: 2 * 60_000,
  sampleIdleMs: 10 * 60_000,
  abandonedMs: 2_000,
  openSamples: 500,
  closeMs: 5_000,
};

/** Of one document, and what may stand around it in a command. Source: `maxBsonObjectSize` of a server. */
export const documentBytesMax = 16 * 1024 * 1024;
export const commandBytesMax = documentBytesMax + 16 * 1024;
