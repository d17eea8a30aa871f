import { expressionReference, type ReferenceExpression } from "./expression-reference.ts";
import { runOfExpression, serverOfExpression } from "./expression-support.ts";
import { runOf, serverOf } from "./form-of.ts";
import { reference } from "./reference.ts";

const intro = `# Stages and fields

Every stage of Atlas Stream Processing, each of its forms, and every field, with what \`asp\` does about it. [language.md](language.md) says what they mean.

- **typed**: in the editor the right form has no error; a misspelt field and a value that does not fit have one.
- **checked**: \`asp validate\` says nothing about the right form; it finds a misspelt field and a value that does not fit.
- **placed**: where the stage may stand, with this field in it. It is refused in every other of: the processor's own pipeline (main), a window, a payload.
- **run**: whether \`asp run\`, \`test\` and \`replay\` run it. *No effect*: the field is taken and changes nothing here, as it says how the service spreads work
  or names times that only windows read.
- **mongod**: the first version that can run it.

The page is written by the tests that it speaks of (\`test/language/\`), and only where all of them pass; each cell of the columns *typed*, *checked*
and *placed* is a test of its own, and what is said to run is run on a mongod.
`;

const aboutExpressions = `## Expressions

What Atlas Stream Processing adds to the server's expressions, or takes from them. To an editor an expression is any value: operators and their
arguments are checked by \`asp validate\`, those of the server by the same rules. *cluster*: what a cluster runs by itself, such as the pipeline of a \`$lookup\`.
\`stream.window\` is there in a window and after it. *By the cluster*: it evaluates what stands there, as far as
its version has it (\`$convert\` of binary data from 8.0 on, with \`byteOrder\` from 8.1 on), and what it says of a misspelt name is its own.
`;

/** The page `docs/language-support.md`. Its first three columns are tests of the same names, which stand beside the one that compares it. */
export function renderSupport(): string {
  const rows = reference.flatMap((form) => {
    const title = `**\`${form.stage}\`**${form.form === undefined ? "" : ` ${form.form}`}`;
    const fields = Object.keys(form.fields).map((path) => [
      `\`${path}\``,
      ...["yes", "yes", "yes"],
      runOf(form, path),
      serverOf(form, path) ?? "–",
    ]);
    return [[title, "yes", "yes", form.places.join(", "), runOf(form), serverOf(form) ?? "–"], ...fields];
  });
  const stages = toTable(["stage or field", "typed", "checked", "placed", "run", "mongod"], rows);
  const expressions = toTable(
    ["expression", "checked", "placed", "run", "mongod"],
    expressionReference.map(toExpressionRow),
  );
  return `${intro}\n${stages}\n${aboutExpressions}\n${expressions}`;
}

function toExpressionRow(row: ReferenceExpression): readonly string[] {
  const name = row.isArgument === true ? `\`${row.name}\`` : `**\`${row.name}\`**`;
  return [name, "yes", row.places.join(", "), runOfExpression(row), serverOfExpression(row) ?? "–"];
}

function toTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  return [header, header.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |\n`).join("");
}
