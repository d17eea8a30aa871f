import { defineFinding } from "../diagnostics/define-finding.ts";
import type { Finding } from "../diagnostics/finding.ts";
import type { Config } from "./config.ts";
import type { Environment } from "./environment.ts";

/** Documented in docs/errors/ASP4161.md. */
export const noNamespace = defineFinding<{ key: string; environment: string }>("ASP4161", {
  severity: "error",
  message: ({ key, environment }) =>
    `\`${key}\` in \`environments.${environment}.collections\` names no collection: its database is missing`,
  help: ({ key }) => `write \`db.${key.replace(/^\.|\.$/gu, "")}\`, with the database as pipelines name it`,
});

/** Every key of an environment's `collections` must be a database and a collection; the first dot parts them. */
export function checkCollectionNames(config: Config, environment: Environment): readonly Finding[] {
  const wrong = Object.keys(environment.collectionNames ?? {}).filter((key) => !/^[^.]+\..+$/su.test(key));
  return wrong.map((key) => {
    const place = config.placeOf(["environments", environment.name, "collections", key], "key");
    return noNamespace(place === undefined ? {} : { place, length: key.length }, {
      key,
      environment: environment.name,
    });
  });
}
