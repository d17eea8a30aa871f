import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { parseSync } from "oxc-parser";
import type { Node, Program } from "oxc-parser";
import type { Place } from "../diagnostics/finding.ts";
import { projectFile } from "./project-file.ts";
import { resolveEventTypes } from "./resolve-event-types.ts";
import { toSourceText } from "./source-text.ts";
import type { SourceText } from "./source-text.ts";

/** A module for those who follow its types. */
export interface TypeModule {
  readonly path: string;
  readonly source: SourceText;
  readonly body: Program["body"];
  /** The module that a relative specifier names, where it can be read. */
  readonly open: (specifier: string) => TypeModule | undefined;
}

/** A member of an event union: the value of its `type`, and where that is written. */
export interface EventType {
  readonly name: string;
  readonly place: Place;
}

/** What the second type argument of a `defineProjection` says. */
export interface ProjectionEvents {
  /** Of the projection. */
  readonly name: string;
  /** Absent where the type cannot be followed by its syntax alone. */
  readonly types: readonly EventType[] | undefined;
}

/**
 * The event types of every projection that names them: `defineProjection<View, Event>`. Types are followed through relative imports, as
 * syntax; what would need a type checker is left open.
 *
 * @param texts of modules by absolute path
 */
export function readEventTypes(texts: ReadonlyMap<string, string>, cwd: string): readonly ProjectionEvents[] {
  const known = new Map<string, TypeModule | undefined>();
  const open = (path: string): TypeModule | undefined => {
    if (known.has(path)) return known.get(path);
    const text = texts.get(path) ?? readText(path);
    const source = text === undefined ? undefined : toSourceText(projectFile(cwd, path), text.replace(/^\ufeff/, ""));
    const parsed = source && parseSync(source.file, source.text, { lang: "ts", sourceType: "module" });
    const module =
      source === undefined || parsed === undefined || parsed.errors.length > 0
        ? undefined
        : { path, source, body: parsed.program.body, open: (specifier: string) => openRelative(path, specifier) };
    known.set(path, module);
    return module;
  };
  const openRelative = (from: string, specifier: string): TypeModule | undefined => {
    if (!specifier.startsWith(".")) return undefined;
    const path = resolve(dirname(from), specifier);
    return [path, path.replace(/\.([mc]?)js$/, ".$1ts"), `${path}.ts`].map(open).find((module) => module !== undefined);
  };
  return [...texts].flatMap(([path, text]) => {
    const module = text.includes("defineProjection<") ? open(path) : undefined;
    return module === undefined ? [] : module.body.flatMap(callsIn).flatMap((call) => eventsOf(call, module));
  });
}

/** Generated and declared modules can be large; a type is rarely there. */
const maxLength = 2_000_000;

function readText(path: string): string | undefined {
  try {
    const text = readFileSync(path, "utf8");
    return text.length > maxLength ? undefined : text;
  } catch {
    return undefined;
  }
}

type Call = Extract<Node, { readonly type: "CallExpression" }>;

/** Calls of `defineProjection` where a module's exports are made: exported, in a variable, in a list. */
function callsIn(node: Node | null): readonly Call[] {
  switch (node?.type) {
    case "ExportDefaultDeclaration":
    case "ExportNamedDeclaration":
      return callsIn(node.declaration);
    case "VariableDeclaration":
      return node.declarations.flatMap(({ init }) => callsIn(init));
    case "ArrayExpression":
      return node.elements.flatMap((element) => callsIn(element));
    case "TSAsExpression":
    case "TSSatisfiesExpression":
    case "ParenthesizedExpression":
      return callsIn(node.expression);
    case "CallExpression":
      return node.callee.type === "Identifier" && node.callee.name === "defineProjection" ? [node] : [];
    default:
      return [];
  }
}

function eventsOf(call: Call, module: TypeModule): readonly ProjectionEvents[] {
  const [options] = call.arguments;
  const event = call.typeArguments?.params[1];
  if (options?.type !== "ObjectExpression" || event === undefined) return [];
  const name = options.properties
    .flatMap((property) => (property.type === "Property" && keyName(property.key) === "name" ? [property.value] : []))
    .flatMap((value) => (value.type === "Literal" && typeof value.value === "string" ? [value.value] : []));
  return name.map((each) => ({ name: each, types: resolveEventTypes(event, module) }));
}

function keyName(key: Node): string | undefined {
  if (key.type === "Identifier") return key.name;
  return key.type === "Literal" ? String(key.value) : undefined;
}
