/** What the wire endpoint itself refuses, as a server's error. */
export class CommandError extends Error {
  override readonly name = "CommandError";
  readonly code: number;
  readonly codeName: string;

  constructor({ code, codeName }: { readonly code: number; readonly codeName: string }, message: string) {
    super(message);
    this.code = code;
    this.codeName = codeName;
  }
}

/** Codes of a server's errors, by their names. */
export const serverErrors = {
  badValue: { code: 2, codeName: "BadValue" },
  failedToParse: { code: 9, codeName: "FailedToParse" },
  unauthorized: { code: 13, codeName: "Unauthorized" },
  typeMismatch: { code: 14, codeName: "TypeMismatch" },
  protocolError: { code: 17, codeName: "ProtocolError" },
  authenticationFailed: { code: 18, codeName: "AuthenticationFailed" },
  invalidBson: { code: 22, codeName: "InvalidBSON" },
  cursorNotFound: { code: 43, codeName: "CursorNotFound" },
  commandNotFound: { code: 59, codeName: "CommandNotFound" },
  invalidOptions: { code: 72, codeName: "InvalidOptions" },
  commandFailed: { code: 125, codeName: "CommandFailed" },
  mechanismUnavailable: { code: 334, codeName: "MechanismUnavailable" },
  unsupportedOpQueryCommand: { code: 352, codeName: "UnsupportedOpQueryCommand" },
  tooLarge: { code: 10334, codeName: "BSONObjectTooLarge" },
  noDatabase: { code: 40571, codeName: "Location40571" },
} as const;
