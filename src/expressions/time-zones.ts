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

/**
 * False for a time zone that no server knows: neither an offset nor a name. A city that this Node.js does not know may be a new one and
 * passes, unless its name is nearly that of one it knows.
 */
export function isTimeZone(text: string): boolean {
  if (/^[+-]\d\d(?::?\d\d)?$/u.test(text) || withoutArea.has(text)) return true;
  const slash = text.indexOf("/");
  // The server's names are in these letters only; Intl takes any.
  if (slash === -1 || !areas.has(text.slice(0, slash)) || !/^[A-Z]/u.test(text.slice(slash + 1))) return false;
  return isKnownHere(text) || suggest(text, knownZones()) === undefined;
}

/** The names of zones with an area, to suggest one. */
export function knownZones(): readonly string[] {
  return ["UTC", ...Intl.supportedValuesOf("timeZone")];
}

function isKnownHere(name: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }) instanceof Intl.DateTimeFormat;
  } catch {
    return false;
  }
}
