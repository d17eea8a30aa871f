import { ApiError } from "./api-error.ts";

export type Format = "json" | "gzip";

/** A version of the API, as a client asks for it or as an operation answers. */
export interface MediaType {
  /** `YYYY-MM-DD`. */
  readonly date: string;
  readonly format: Format;
}

const versioned = /^application\/vnd\.atlas\.(\d{4}-\d{2}-\d{2})\+(json|gzip)$/;

/** Reads one media type, without its parameters. */
export function readMediaType(text: string): MediaType | undefined {
  const [name = ""] = text.split(";");
  const [, date, format] = versioned.exec(name.trim().toLowerCase()) ?? [];
  if (date === undefined || !isDate(date)) return undefined;
  return { date, format: format === "gzip" ? "gzip" : "json" };
}

/**
 * The version that answers a request: the newest of the operation that is not newer than what was asked for.
 *
 * @param accept the header, undefined where it is missing
 * @param versions dates of the operation, oldest first
 * @throws ApiError 406 INVALID_VERSION_DATE. Source: asp-control-plane section 2, "Versioned Accept", and 6.1.3
 */
export function resolveVersion(accept: string | undefined, versions: readonly string[], format: Format): MediaType {
  const asked = (accept ?? "").split(",").flatMap((each) => readMediaType(each) ?? []);
  const dates = asked.filter((each) => each.format === format).map(({ date }) => date);
  const found = versions.findLast((version) => dates.some((date) => version <= date));
  if (found === undefined) throw invalidVersion(accept, versions, format);
  return { date: found, format };
}

export function toContentType({ date, format }: MediaType): string {
  return `application/vnd.atlas.${date}+${format}${format === "json" ? ";charset=utf-8" : ""}`;
}

/** True for what a body of JSON may call itself. */
export function isJson(contentType: string): boolean {
  const [name = ""] = contentType.split(";");
  return name.trim().toLowerCase() === "application/json" || readMediaType(contentType)?.format === "json";
}

function invalidVersion(accept: string | undefined, [first = ""]: readonly string[], format: Format): ApiError {
  const wanted = `application/vnd.atlas.YYYY-MM-DD+${format} with ${first} or later`;
  return new ApiError(
    406,
    "INVALID_VERSION_DATE",
    `Invalid accept header version date: the resource needs ${wanted}.`,
    {
      parameters: [accept ?? ""],
    },
  );
}

function isDate(text: string): boolean {
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}
