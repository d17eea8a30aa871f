import { suggest } from "../diagnostics/suggest.ts";

/** Names without an area. They are of old, and none is added. Source: the IANA time zone database, and what a mongod 6.0.5 knows. */
const withoutArea: ReadonlySet<string> = new Set([
  ...["UTC", "GMT", "UCT", "Zulu", "Universal", "Greenwich", "GMT0", "GMT+0", "GMT-0", "Factory"],
  ...["EST", "MST", "HST", "EST5EDT", "CST6CDT", "MST7MDT", "PST8PDT", "CET", "MET", "EET", "WET"],
  ...[
    "Cuba",
    "Egypt",
    "Eire",
    "GB",
    "GB-Eire",
    "Hongkong",
    "Iceland",
    "Iran",
    "Israel",
    "Jamaica",
    "Japan",
    "Kwajalein",
  ],
  ...["Libya", "NZ", "NZ-CHAT", "Navajo", "PRC", "Poland", "Portugal", "ROC", "ROK", "Singapore", "Turkey", "W-SU"],
]);

const areas: ReadonlySet<string> = new Set([
  ...["Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Brazil", "Canada", "Chile"],
  ...["Etc", "Europe", "Indian", "Mexico", "Pacific", "US"],
]);

/** What this Node.js calls its zones; aliases are not among them. Asked for when first needed. */
const knownZones: () => ReadonlySet<string> = (() => {
  let known: ReadonlySet<string> | undefined;
  return () => (known ??= new Set(Intl.supportedValuesOf("timeZone")));
})();

/**
 * Finds a time zone that no server knows: neither an offset nor a name. A city that this Node.js does not know may be a new one and is let
 * through, unless its name is nearly that of one it knows.
 *
 * @returns The zone that may be meant, or undefined where the text is right or may be.
 */
export function zoneFault(text: string): { readonly meant: string | undefined } | undefined {
  if (/^[+-]\d\d(?::?\d\d)?$/u.test(text) || withoutArea.has(text) || knownZones().has(text)) return undefined;
  const slash = text.indexOf("/");
  if (slash === -1) return { meant: withoutArea.has(text.toUpperCase()) ? text.toUpperCase() : undefined };
  // The server's names are in these letters only; Intl takes any.
  const isName = areas.has(text.slice(0, slash)) && /^[A-Z]/u.test(text.slice(slash + 1));
  if (isName && isAlias(text)) return undefined;
  // A pipeline may have thousands of wrong ones, and this compares each with a few.
  const start = text.slice(0, slash + 2).toLowerCase();
  const meant = suggest(
    text,
    [...knownZones()].filter((zone) => zone.toLowerCase().startsWith(start)),
  );
  return isName && meant === undefined ? undefined : { meant };
}

function isAlias(name: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }) instanceof Intl.DateTimeFormat;
  } catch {
    return false;
  }
}
