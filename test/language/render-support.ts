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
  const header = ["stage or field", "typed", "checked", "placed", "run", "mongod"];
  const lines = [header, header.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`);
  return `${intro}\n${lines.join("\n")}\n`;
}
