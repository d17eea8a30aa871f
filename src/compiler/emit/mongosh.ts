import type { Definition } from "../../stages/definition.ts";
import { toEjson } from "./json.ts";
import { withEntries } from "./with-entries.ts";

/**
 * A mongosh script, for a shell that is connected to a workspace, that creates each processor or modifies the one that is there.
 *
 * A running processor is stopped, modified and started again, and resumes from its checkpoint; any other stays as it is. The
 * definition is text that EJSON reads, so that neither the order of keys nor a type is lost to JavaScript.
 *
 * Source: asp-language sections 6.1, 7.1 and 8.1 (what may be modified, when, and the states).
 */
export function toMongosh(definitions: readonly Definition[]): string {
  return `${header}{\n${deploy}\n${definitions.map(toCall).join("")}}\n`;
}

/** The first line of every script, which says that it is ours. */
export const mongoshMark = "// Written by asp compile.";

const header = `${mongoshMark} Run it with mongosh 2.3.4 or newer, connected to the workspace: mongosh URI --file FILE
// Where a change cannot keep the checkpoint (another $source or window): mongosh URI --eval "resumeFromCheckpoint = false" --file FILE
`;

// States come from the command: older shells list processors by their names alone. The processors come from the list, because
// `sp.name` is something else for a name such as "process". A block keeps the names apart from the shell's own.
const deploy = `  const idle = ["CREATED", "STOPPED", "FAILED"];
  const modifiable = ["dlq", "tier", "autoscaling", "failover", "resumeFromCheckpoint"];
  const describe = (name) => {
    const { streamProcessors } = db.adminCommand({ listStreamProcessors: 1, filter: { name } });
    return streamProcessors.find((processor) => processor.name === name);
  };
  const deploy = ({ name, pipeline, options = {} }) => {
    const shown = JSON.stringify(name);
    let existing = describe(name);
    if (existing === undefined) {
      sp.createStreamProcessor(name, pipeline, options);
      print("created " + shown + "; to start it: sp[" + shown + "].start()");
      return;
    }
    const processor = sp.listStreamProcessors({ name }).find((other) => other.name === name);
    let stopped = false;
    for (let seconds = 0; !idle.includes(existing.state); seconds++) {
      if (seconds === 600) throw new Error(shown + " is still " + existing.state + " after 10 minutes");
      if (existing.state === "STARTED" && !stopped) {
        processor.stop();
        stopped = true;
      } else {
        sleep(1000);
      }
      existing = describe(name);
      if (existing === undefined) throw new Error(shown + " was dropped meanwhile");
    }
    const fixed = Object.keys(options).filter((option) => !modifiable.includes(option));
    if (fixed.length > 0) print(shown + " keeps what it was created with: " + fixed.join(", "));
    const changes = Object.fromEntries(Object.entries(options).filter(([option]) => modifiable.includes(option)));
    if (typeof resumeFromCheckpoint !== "undefined") changes.resumeFromCheckpoint = resumeFromCheckpoint;
    try {
      processor.modify(pipeline, { dlq: {}, ...changes });
    } finally {
      if (stopped) processor.start();
    }
    print("modified " + shown + (stopped ? " and started it again" : ", which stays " + existing.state));
  };`;

function toCall(definition: Definition): string {
  const { value, key } = withEntries(definition);
  const read = `EJSON.parse(String.raw\`${toRawText(value)}\`, { relaxed: false })`;
  return key === undefined ? `  deploy(${read});\n` : `${inOrder(key)}  deploy(inOrder(${read}));\n`;
}

/** What makes a Map of a document whose order an object would not keep; \`var\`, since several definitions may need it. */
function inOrder(key: string): string {
  return `  var inOrder = (value) => {
    if (Array.isArray(value)) return value.map(inOrder);
    if (Object.prototype.toString.call(value) !== "[object Object]" || value._bsontype) return value;
    const entries = value[${JSON.stringify(key)}] ?? Object.entries(value);
    const read = entries.map(([name, item]) => [name, inOrder(item)]);
    return Object.hasOwn(value, ${JSON.stringify(key)}) ? new Map(read) : Object.fromEntries(read);
  };
`;
}

/** JSON between backticks: what would end the text or begin a substitution stands as a JSON escape. */
function toRawText(value: unknown): string {
  return toEjson(value, 2)
    .replaceAll("`", () => "\\u0060")
    .replaceAll("${", () => "\\u0024{");
}
