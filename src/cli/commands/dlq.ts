import type { CommandContext } from "../context.ts";
import { defineCommand } from "../define-command.ts";
import { Exit } from "../exit.ts";
import type { Outcome } from "../outcome.ts";
import { previewOptions, readMembers } from "../deploy/plan-options.ts";
import type { LetterFilter, Queue } from "../dlq/queues.ts";
import { renderCount } from "../render/numbers.ts";
import { UsageError } from "../usage-error.ts";
import { withoutResult } from "../without-result.ts";

const actions = ["list", "show", "export", "redrive"] as const;
type Action = (typeof actions)[number];

/** What stands behind the action, and what to do where it is missing. */
const operandOf: Partial<Record<Action, { readonly what: string; readonly help: string }>> = {
  show: { what: "the id of a letter", help: "`asp dlq list` shows ids: `asp dlq show <id>`" },
  export: { what: "a name for the case", help: "choose one: `asp dlq export poisoned-order`" },
};

export const dlq = defineCommand({
  name: "dlq",
  summary: "List dead letters, show one, make a fixture case of them, or put their events through again",
  about:
    "Works on the dead letter queues of the environment's processors, where their connections have a `uri`.\n\n" +
    "list: how many there are, by processor and reason. show <id>: one letter, as it is stored. export <case>: a fixture case with the\n" +
    "events that failed. redrive: after a fix, applies the processor's stages to the stored events and writes what comes out; without\n" +
    "--yes it says what would be written. What a guard refuses because newer events were applied is said.",
  examples: [
    "asp dlq list -e production --since 2026-11-01",
    "asp dlq show 6565a0c2f1d2a3b4c5d6e7f8 -e production",
    "asp dlq export poisoned-order -e production --processor orders",
    "asp dlq redrive -e production --processor orders --reason divide --yes",
    "asp dlq list -e staging --suffix pr-42",
  ],
  operands: { spec: "<action...>", about: "list, show <id>, export <case> or redrive" },
  options: {
    processor: { flag: "--processor <name>", about: "letters of this processor alone" },
    reason: { flag: "--reason <regex>", about: "letters whose reason this matches", parse: parsePattern },
    since: { flag: "--since <time>", about: "letters from this time on, ISO 8601", parse: parseTime },
    limit: { flag: "--limit <count>", about: "export, redrive: at most so many; default 1000", parse: parseCount },
    yes: { flag: "--yes", about: "redrive: write" },
    dryRun: { flag: "--dry-run", about: "redrive: say what would be written, as without --yes" },
    delete: { flag: "--delete", about: "redrive: delete letters that are done, in place of marking them" },
    ...previewOptions,
  },
  async run({ operands: [action = "", operand, ...others], options }, ctx): Promise<Outcome> {
    if (!isAction(action)) throw new UsageError(`there is no \`asp dlq ${action}\``, `use ${actions.join(", ")}`);
    const needs = operandOf[action];
    if ((needs !== undefined) !== (operand !== undefined) || others.length > 0) {
      if (needs !== undefined) throw new UsageError(`${action} takes ${needs.what}`, needs.help);
      throw new UsageError(`${action} takes no name`, "choose a processor with `--processor <name>`");
    }
    if (options.yes && options.dryRun) throw new UsageError("--yes and --dry-run exclude each other", "leave one out");
    if (action === "export" && !/^[\w][\w.-]*$/.test(operand ?? "")) {
      throw new UsageError("a case is named by letters, digits, `_`, `.` and `-`");
    }
    const { suffix } = options;
    const members = readMembers(suffix, options.only);
    const [{ openProject }, { openRemoteClusters }, { openQueues, readLetters }] = await Promise.all([
      import("../open-project.ts"),
      import("../../deploy/clusters/open-remote-clusters.ts"),
      import("../dlq/queues.ts"),
    ]);
    const { environment, definitions, names, findings: own, source } = await openProject(ctx, members, { suffix });
    if (environment === undefined || own.some(({ severity }) => severity === "error"))
      return withoutResult(own, source);
    await using clusters = openRemoteClusters(environment, ctx);
    const { queues, findings } = await openQueues(definitions, environment, clusters);
    if (queues.length === 0) return withoutResult(findings, source);
    const { suffixed, withoutSuffix } = await import("../../deploy/plan/preview-names.ts");
    const inWorkspace = suffixed(suffix);
    // Letters may be of a processor that is no more, so a name that nobody has is no mistake by itself.
    if (options.processor !== undefined && !names.includes(inWorkspace(options.processor))) {
      const { didYouMean } = await import("../../diagnostics/suggest.ts");
      const known = names.flatMap((name) => withoutSuffix(name, suffix) ?? []);
      const near = didYouMean(options.processor, known) ?? `there are: ${known.join(", ")}`;
      ctx.progress(`the project has no processor \`${options.processor}\`: ${near}`);
    }
    const { reason, since, limit = 1000 } = options;
    const processor = options.processor === undefined ? undefined : inWorkspace(options.processor);
    if (action === "list") return { ...(await list(queues, { processor, reason, since }, ctx)), findings };
    if (action === "show") {
      const shown = await show(queues, operand ?? "");
      return { ...shown, findings: [...findings, ...(shown.findings ?? [])] };
    }

    const { letters, strange, more } = await readLetters(queues, { processor, reason, since, limit });
    if (strange > 0) ctx.progress(`${renderCount(strange, "document")} of the queues are no dead letters: left alone`);
    if (more) ctx.progress(`there are more than ${limit} letters: run it again, or give --limit`);
    if (action === "export") {
      const { exportCase } = await import("../dlq/export-case.ts");
      const { cwd } = ctx;
      const { findings: refused, ...made } = await exportCase(operand ?? "", letters, {
        cwd,
        environment,
        definitions,
        clusters,
        suffix,
      });
      const left =
        made.without === 0
          ? []
          : [`${renderCount(made.without, "letter")} left out: the event is not stored where asp can read it`];
      const text = [...made.files.map((file) => `${file} written`), ...left].join("\n");
      return {
        text: text === "" && refused.length === 0 ? "no letters to export" : text,
        json: { ...made, strange },
        findings: [...findings, ...refused],
      };
    }
    const [{ redriveLetters }, { renderRedrive }] = await Promise.all([
      import("../dlq/redrive-letters.ts"),
      import("../dlq/render-redrive.ts"),
    ]);
    const { yes: writes, delete: deletes } = options;
    const { signal } = ctx;
    const done = await redriveLetters(letters, {
      ...{ definitions, environment, clusters, writes, deletes, signal },
      now: new Date(),
    });
    const isWhole = done.every(({ outcome }) => outcome === "applied" || outcome === "already applied");
    return {
      text: renderRedrive(done, { writes, environment: environment.name, suffix }),
      json: { written: writes, letters: done, more, strange },
      findings,
      exit: isWhole && findings.length === 0 ? Exit.ok : Exit.invalid,
    };
  },
});

async function list(queues: readonly Queue[], filter: LetterFilter, ctx: CommandContext): Promise<Outcome> {
  const [{ listLetters }, { renderTable }, { printable }] = await Promise.all([
    import("../dlq/list-letters.ts"),
    import("../render/table.ts"),
    import("../../diagnostics/printable.ts"),
  ]);
  const { groups, strange } = await listLetters(queues, filter);
  if (strange > 0) ctx.progress(`${renderCount(strange, "document")} of the queues are no dead letters`);
  const columns = ["processor", "letters", "redriven", "first", "last", "last id", "stage", "reason"].map(
    (heading) => ({
      heading,
      align: heading === "letters" || heading === "redriven" ? ("right" as const) : ("left" as const),
    }),
  );
  const rows = groups.map((each) =>
    [
      each.processor,
      String(each.count),
      String(each.redriven),
      each.first,
      each.last,
      each.lastId,
      each.operator,
      each.reason,
    ].map(printable),
  );
  return { text: rows.length === 0 ? "no dead letters" : renderTable(columns, rows), json: { groups, strange } };
}

async function show(queues: readonly Queue[], id: string): Promise<Outcome> {
  const [{ parseExactJson }, { toEjson }, { decodeExact }, { ObjectId }] = await Promise.all([
    import("../../compiler/exact-json.ts"),
    import("../../compiler/emit/json.ts"),
    import("../../engine/core/exact-bson.ts"),
    import("bson"),
  ]);
  const wanted = /^[\da-f]{24}$/i.test(id) ? new ObjectId(id) : parseId(id, parseExactJson);
  for (const { name, collection } of queues) {
    const query = { _id: { $eq: wanted } } as Record<string, unknown>;
    const [bytes] = await collection.find(query, { raw: true }).toArray();
    if (bytes === undefined) continue;
    const letter = decodeExact(bytes as unknown as Uint8Array);
    return { text: toEjson(letter, 2), json: undefined, jsonText: toEjson({ queue: name, letter }, 2) };
  }
  const { noSuchLetter } = await import("../dlq/no-such-letter.ts");
  const findings = [noSuchLetter({}, { id, queues: queues.map(({ name }) => name) })];
  return { ...withoutResult(findings), exit: Exit.invalid };
}

function parseId(text: string, parse: (json: string) => unknown): unknown {
  try {
    return parse(text);
  } catch {
    return text;
  }
}

function isAction(text: string): text is Action {
  return (actions as readonly string[]).includes(text);
}

function parsePattern(text: string): RegExp {
  try {
    return new RegExp(text, "u");
  } catch {
    throw new UsageError("it is no regular expression");
  }
}

function parseTime(text: string): Date {
  const time = new Date(text);
  if (Number.isNaN(time.getTime())) throw new UsageError("a time is written `2026-11-01` or `2026-11-01T12:00:00Z`");
  return time;
}

function parseCount(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1) throw new UsageError("a whole number from 1 on");
  return count;
}
