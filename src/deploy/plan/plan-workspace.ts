import type { Environment } from "../../config/environment.ts";
import { defineFinding } from "../../diagnostics/define-finding.ts";
import type { At, Finding } from "../../diagnostics/finding.ts";
import { tierNames } from "../../stages/tiers.ts";
import type { DesiredWorkspace } from "./desired.ts";
import type { Remote, WorkspaceDefaults } from "./remote.ts";
import { settingMissing } from "./setting-missing.ts";
import type { FieldChange, Step } from "./step.ts";

/** Documented in docs/errors/ASP6060.md. */
export const workspaceNotManaged = defineFinding<{ name: string; field: string; target: string }>("ASP6060", {
  severity: "error",
  message: ({ name, field, target }) =>
    `the workspace \`${name}\` is to have another \`${field}\`, and ${target} cannot change workspaces`,
  help: ({ field }) => `use \`target: admin-api\`, or correct \`${field}\` in the config`,
});

/** Documented in docs/errors/ASP6061.md. */
export const workspaceElsewhere = defineFinding<{ name: string; setting: string; there: string; wanted: string }>(
  "ASP6061",
  {
    severity: "error",
    message: ({ name, setting, there, wanted }) =>
      `the workspace \`${name}\` has the ${setting} ${there}, and the config says ${wanted}`,
    notes: () => ["asp moves no workspace: its processors would be cut off from what they read"],
    help: ({ setting }) => `correct \`${setting}\`, or make a workspace of another name`,
  },
);

export interface WorkspacePlan {
  readonly steps: readonly Step[];
  readonly findings: readonly Finding[];
  /** What processors find once the steps are done. */
  readonly defaults: WorkspaceDefaults;
}

/** A workspace that the project manages is made where it is not there, and gets the tiers that the config names. */
export function planWorkspace(
  wanted: DesiredWorkspace | undefined,
  { defaults, isMissing = false }: Pick<Remote, "defaults" | "isMissing">,
  environment: Environment,
  /** Of the target, for people; undefined where it can change workspaces. */
  unmanageable: string | undefined,
): WorkspacePlan {
  if (wanted === undefined) return { steps: [], findings: [], defaults };
  const { name, provider, region, tier, maxTier } = wanted;
  const tiers = { ...(tier !== undefined && { tier }), ...(maxTier !== undefined && { maxTier }) };
  if (isMissing) {
    const why = `there is no workspace \`${name}\`, and it is to be made`;
    const lacking = (["provider", "region"] as const).filter((setting) => wanted[setting] === undefined);
    const findings = lacking.map((setting) =>
      settingMissing(atOf(environment), { environment: environment.name, setting, why }),
    );
    if (provider === undefined || region === undefined) return { steps: [], findings, defaults };
    const settings = { provider, region, ...tiers };
    return { steps: [{ kind: "create-workspace", workspace: name, settings }], findings: [], defaults: settings };
  }
  const elsewhere = (["provider", "region"] as const).flatMap((setting) => {
    const [there, asked] = [defaults[setting], wanted[setting]];
    if (there === undefined || asked === undefined || there === asked) return [];
    return [workspaceElsewhere(atOf(environment, setting), { name, setting, there, wanted: asked })];
  });
  const fields = changedTiers(wanted, defaults);
  const [first] = fields;
  if (first === undefined) return { steps: [], findings: elsewhere, defaults };
  if (unmanageable !== undefined) {
    const data = { name, field: first.field, target: unmanageable };
    return { steps: [], findings: [...elsewhere, workspaceNotManaged(atOf(environment, first.field), data)], defaults };
  }
  const step: Step = { kind: "edit-workspace", workspace: name, change: tiers, fields };
  return { steps: [step], findings: elsewhere, defaults: { ...defaults, ...tiers } };
}

/** A largest tier that is no limit is not shown by the service. */
function changedTiers({ tier, maxTier }: DesiredWorkspace, there: WorkspaceDefaults): readonly FieldChange[] {
  const pairs = [
    ["tier", there.tier, tier],
    ["maxTier", there.maxTier ?? tierNames.at(-1), maxTier],
  ] as const;
  return pairs.flatMap(([field, before, after]) =>
    after === undefined || before === after ? [] : [{ field, ...(before !== undefined && { before }), after }],
  );
}

function atOf({ name, placeOf }: Environment, ...path: readonly string[]): At {
  const place = placeOf?.(["environments", name, ...path], path.length === 0 ? "key" : "value");
  return place === undefined ? {} : { place };
}
