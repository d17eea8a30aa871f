import { AspError } from "../../diagnostics/asp-error.ts";

/** Windows hold more than the tier has memory for. Source: asp-language 7.3 and 8.1, code 418. */
export function stateTooLarge(name: string, bytes: number, most: number): AspError {
  return new AspError(
    "ASP5190",
    `Worker out of memory: the windows of \`${name}\` hold ${bytes} bytes, and its tier has room for ${most}`,
    { help: "choose a larger tier, make the window shorter, or leave fields out before it" },
  );
}
