import { moduleRunnerTransformSync, transformSync } from "oxc-transform";
import { deepestBracket } from "./nesting.ts";

/** The body of an async function that does what a module does. */
export interface RunnableModule {
  readonly code: string;
  /** In this order: what imports a module, its own exports, what exports all of another module. */
  readonly parameters: readonly [string, string, string];
}

/**
 * Takes the types out of a module, and makes its imports and exports calls, names and all that ES modules promise about them
 * included.
 *
 * @throws Error for what is no module, and for one that imports while it runs.
 */
export function toJavaScript(path: string, text: string): RunnableModule {
  // It works on the native stack, too.
  if (deepestBracket(text) !== undefined) throw new Error(`${path} is nested too deep`);
  const isTypeScript = path.endsWith("ts");
  const stripped = isTypeScript
    ? transformSync(path, text, { lang: "ts", sourceType: "module" })
    : { code: text, errors: [] };
  const { code, errors, dynamicDeps } = moduleRunnerTransformSync("module.js", stripped.code);
  if (stripped.errors.length > 0 || errors.length > 0 || dynamicDeps.length > 0) {
    throw new Error(`${path} is not plain`);
  }
  return { code, parameters };
}

/** Names that the transform gives them. */
const parameters = ["__vite_ssr_import__", "__vite_ssr_exports__", "__vite_ssr_exportAll__"] as const;
