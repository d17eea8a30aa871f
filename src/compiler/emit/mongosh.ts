import type { Definition } from "../../stages/definition.ts";
import { toEjson } from "./json.ts";

/**
 * A mongosh script, for a shell that is connected to a workspace, that creates each processor or modifies the one that is there.
 *
 * A running processor is stopped, modified and started again, and resumes from its checkpoint. The definition is text that
 * EJSON reads, so that neither the order of keys nor a type is lost to JavaScript.
 */
export function toMongosh(definitions: readonly Definition[]): string {
  return [header, ...definitions.map(toBlock)].join("\n");
}

const header = `// Written by asp compile. Run it with mongosh, connected to the workspace.
`;

function toBlock(definition: Definition): string {
  return `{
  const { name, pipeline, options = {} } = EJSON.parse(String.raw\`${toRawText(definition)}\`, { relaxed: false });
  const { streamProcessors } = db.adminCommand({ listStreamProcessors: 1, filter: {} });
  const existing = streamProcessors.find((processor) => processor.name === name);
  if (existing === undefined) {
    sp.createStreamProcessor(name, pipeline, options);
  } else {
    const processor = sp.getProcessor(name);
    const running = existing.state === "STARTED";
    if (running) processor.stop();
    processor.modify(pipeline, options);
    if (running) processor.start();
  }
}
`;
}

/** JSON between backticks: what would end the text or begin a substitution stands as a JSON escape. */
function toRawText(definition: Definition): string {
  return toEjson(definition, 2)
    .replaceAll("`", () => "\\u0060")
    .replaceAll("${", () => "\\u0024{");
}
