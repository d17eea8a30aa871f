import type { Node } from "oxc-parser";
import type { EventType, TypeModule } from "./event-types.ts";

/** A type as written, and what its names mean. */
interface Written {
  readonly node: Node;
  readonly module: TypeModule;
  /** What was given for the parameters of the generic type around it. */
  readonly given: ReadonlyMap<string, Written>;
}

type Declared = Extract<Node, { readonly type: "TSTypeAliasDeclaration" | "TSInterfaceDeclaration" }>;

/** Aliases of aliases go no deeper than this; what goes deeper is a circle. */
const maxDepth = 40;

/**
 * The event types that a type has as members of a union: each with a literal `type`.
 *
 * @returns undefined where some part cannot be followed
 */
export function resolveEventTypes(node: Node, module: TypeModule): readonly EventType[] | undefined {
  const types = membersOf({ node, module, given: new Map() }, 0);
  return types === "none" || types.length === 0 ? undefined : distinct(types);
}

type Members = readonly EventType[] | "none";

/** Thrown nowhere: a part that cannot be followed has no members, and takes those of the whole with it. */
function membersOf(type: Written, depth: number): Members {
  const { node, module, given } = type;
  const inside = (inner: Node): Members => membersOf({ node: inner, module, given }, depth + 1);
  if (depth > maxDepth) return "none";
  switch (node.type) {
    case "TSParenthesizedType":
      return inside(node.typeAnnotation);
    case "TSUnionType":
      return all(node.types.map(inside));
    case "TSIntersectionType":
      return one(node.types.map(inside));
    case "TSTypeLiteral":
      return typeMember(node.members, type, depth);
    case "TSTypeReference": {
      const name = node.typeName.type === "Identifier" ? node.typeName.name : "";
      const own = given.get(name);
      if (own !== undefined) return membersOf(own, depth + 1);
      const args = node.typeArguments?.params ?? [];
      const found = findDeclared(name, module, 0);
      if (found !== undefined) return declaredMembers(found, args, type, depth);
      return name === "Readonly" && args[0] !== undefined ? inside(args[0]) : "none";
    }
    default:
      return "none";
  }
}

/** Every member of a union has to say its type. */
function all(parts: readonly Members[]): Members {
  return parts.includes("none") ? "none" : parts.flatMap((part) => (part === "none" ? [] : part));
}

/** Of what is intersected one part says the type. */
function one(parts: readonly Members[]): Members {
  const [only, ...others] = parts.filter((part) => part !== "none");
  return only === undefined || others.length > 0 ? "none" : only;
}

function typeMember(members: readonly Node[], { module, given }: Written, depth: number): Members {
  for (const member of members) {
    if (member.type !== "TSPropertySignature" || member.computed || keyName(member.key) !== "type") continue;
    const annotation = member.typeAnnotation?.typeAnnotation;
    return annotation === undefined ? "none" : literalsOf({ node: annotation, module, given }, depth);
  }
  return "none";
}

/** The texts that a type allows. */
function literalsOf({ node, module, given }: Written, depth: number): Members {
  const inside = (inner: Node): Members => literalsOf({ node: inner, module, given }, depth + 1);
  if (depth > maxDepth) return "none";
  switch (node.type) {
    case "TSParenthesizedType":
      return inside(node.typeAnnotation);
    case "TSUnionType":
      return all(node.types.map(inside));
    case "TSLiteralType": {
      const { literal } = node;
      if (literal.type !== "Literal" || typeof literal.value !== "string") return "none";
      return [{ name: literal.value, place: module.source.placeAt(literal.start) }];
    }
    case "TSTypeReference": {
      const name = node.typeName.type === "Identifier" ? node.typeName.name : "";
      const own = given.get(name);
      if (own !== undefined) return literalsOf(own, depth + 1);
      const found = findDeclared(name, module, 0);
      if (found?.node.type !== "TSTypeAliasDeclaration" || found.node.typeParameters) return "none";
      return literalsOf({ node: found.node.typeAnnotation, module: found.module, given: new Map() }, depth + 1);
    }
    default:
      return "none";
  }
}

interface Found {
  readonly node: Declared;
  readonly module: TypeModule;
}

function declaredMembers({ node, module }: Found, args: readonly Node[], from: Written, depth: number): Members {
  const given = new Map<string, Written>();
  for (const [index, { name, default: fallback }] of (node.typeParameters?.params ?? []).entries()) {
    const arg = args[index];
    if (arg !== undefined) given.set(name.name, { ...from, node: arg });
    else if (fallback !== null) given.set(name.name, { node: fallback, module, given });
  }
  if (node.type === "TSTypeAliasDeclaration") return membersOf({ node: node.typeAnnotation, module, given }, depth + 1);
  const written = { node, module, given };
  const own = typeMember(node.body.body, written, depth);
  if (own !== "none") return own;
  return one(
    node.extends.map(({ expression, typeArguments }) => {
      const above = expression.type === "Identifier" ? findDeclared(expression.name, module, 0) : undefined;
      return above === undefined ? "none" : declaredMembers(above, typeArguments?.params ?? [], written, depth + 1);
    }),
  );
}

/** Where a name is declared: in the module, or in one that it imports the name from. */
function findDeclared(name: string, module: TypeModule, depth: number): Found | undefined {
  if (depth > maxDepth) return undefined;
  for (const statement of module.body) {
    const declared = statement.type === "ExportNamedDeclaration" ? statement.declaration : statement;
    const isType = declared?.type === "TSTypeAliasDeclaration" || declared?.type === "TSInterfaceDeclaration";
    if (isType && declared.id.name === name) return { node: declared, module };
    if (statement.type !== "ImportDeclaration") continue;
    for (const specifier of statement.specifiers) {
      if (specifier.type !== "ImportSpecifier" || specifier.local.name !== name) continue;
      return findExported(keyName(specifier.imported) ?? name, module.open(statement.source.value), depth + 1);
    }
  }
  return undefined;
}

function findExported(name: string, module: TypeModule | undefined, depth: number): Found | undefined {
  if (module === undefined || depth > maxDepth) return undefined;
  for (const statement of module.body) {
    if (statement.type === "ExportAllDeclaration" && statement.exported === null) {
      const found = findExported(name, module.open(statement.source.value), depth + 1);
      if (found !== undefined) return found;
    }
    if (statement.type !== "ExportNamedDeclaration") continue;
    for (const { exported, local } of statement.specifiers) {
      if (keyName(exported) !== name) continue;
      const original = keyName(local) ?? name;
      return statement.source === null
        ? findDeclared(original, module, depth + 1)
        : findExported(original, module.open(statement.source.value), depth + 1);
    }
  }
  return findDeclared(name, module, depth + 1);
}

function keyName(key: Node): string | undefined {
  if (key.type === "Identifier") return key.name;
  return key.type === "Literal" ? String(key.value) : undefined;
}

function distinct(types: readonly EventType[]): readonly EventType[] {
  const byName = new Map<string, EventType>();
  for (const type of types) if (!byName.has(type.name)) byName.set(type.name, type);
  return [...byName.values()];
}
