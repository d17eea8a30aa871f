/** Operators that only workspaces on some clouds evaluate. Source: asp-language section 1.10. */
export const operatorProviders: ReadonlyMap<string, readonly string[]> = new Map([["$function", ["AWS"]]]);
