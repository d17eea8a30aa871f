/** How BSON becomes JSON in a message. Source: asp-language section 1.7. */
export interface OutputJson {
  readonly format: "relaxedJson" | "canonicalJson" | "basicJson";
  readonly dateFormat: "default" | "ISO8601";
}
