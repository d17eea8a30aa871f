import { pathToFileURL } from "node:url";
import type { BuildFailure } from "esbuild";

/**
 * A module and all that it imports, packages too, as one text of an ES module, which can be run wherever there is a Node.
 *
 * @throws Error in words for the author where it cannot be read
 */
export async function bundleFunction(path: string): Promise<string> {
  const url = JSON.stringify(pathToFileURL(path).href);
  const { build } = await import("esbuild");
  try {
    const { outputFiles } = await build({
      entryPoints: [path],
      bundle: true,
      format: "esm",
      platform: "node",
      target: "node20",
      // Of the text itself there is no file.
      define: { "import.meta.url": url },
      banner: {
        js: `import { createRequire as __createRequire } from "node:module"; const require = __createRequire(${url});`,
      },
      charset: "utf8",
      logLevel: "silent",
      write: false,
      tsconfigRaw: {},
    });
    return outputFiles[0]?.text ?? "";
  } catch (cause) {
    const [first] = (cause as Partial<BuildFailure>).errors ?? [];
    if (first === undefined) throw cause;
    const at = first.location === null ? "" : `${first.location.file}:${first.location.line}: `;
    throw new Error(`${at}${first.text}`, { cause });
  }
}
