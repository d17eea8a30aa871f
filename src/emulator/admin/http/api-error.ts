import { STATUS_CODES } from "node:http";

/** A field of a request's body that is wrong. */
export interface WrongField {
  readonly field: string;
  readonly description: string;
}

export interface ApiErrorOptions {
  readonly parameters?: readonly unknown[];
  readonly fields?: readonly WrongField[];
  readonly headers?: Readonly<Record<string, string>>;
}

/** What the Admin API answers instead of success. Source: asp-control-plane section 2, "Error JSON". */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly status: number;
  readonly errorCode: string;
  readonly parameters: readonly unknown[];
  readonly fields: readonly WrongField[];
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, errorCode: string, detail: string, options: ApiErrorOptions = {}) {
    super(detail);
    this.status = status;
    this.errorCode = errorCode;
    this.parameters = options.parameters ?? [];
    this.fields = options.fields ?? [];
    this.headers = options.headers ?? {};
  }
}

/** The body of an error; it always has one, since clients take an empty error for success. */
export function toErrorBody({ status, errorCode, message, parameters, fields }: ApiError): object {
  return {
    ...(fields.length === 0 ? {} : { badRequestDetail: { fields } }),
    detail: message,
    error: status,
    errorCode,
    parameters,
    reason: STATUS_CODES[status] ?? "Error",
  };
}
