import { EJSON } from "bson";
import fc from "fast-check";
import { parseToObject } from "hcl2-parser";
import { describe, expect, test, vi } from "vitest";
import { emitDefinitions, emitFiles, isEmitted } from "../../src/compiler/emit/emit-definitions.ts";
import { toEjson } from "../../src/compiler/emit/json.ts";
import type { Definition, ProcessorOptions } from "../../src/stages/definition.ts";
import { hostileDefinition, hostileName } from "./hostile-definition.ts";

// The parser is HCL's own, compiled to JavaScript: a property takes seconds on a machine that is busy with other tests.
vi.setConfig({ testTimeout: 60_000 });

const { pipeline } = hostileDefinition;
const named = (...names: readonly string[]): readonly Definition[] =>
  names.map((name) => ({ ...hostileDefinition, name }));

// What the script does in a shell: test/compiler/scripts.mongosh.test.ts.
describe("a mongosh script", () => {
  /** Runs a script against a workspace with these processors; gives what was called. */
  const run = (script: string, present: readonly { readonly name: string; readonly state: string }[]) => {
    const calls: (readonly unknown[])[] = [];
    const processors = new Map(present.map(({ name, state }) => [name, { name, state }]));
    const record =
      (name: string, state?: string) =>
      (...args: readonly unknown[]) => {
        calls.push([name, ...args]);
        if (state !== undefined) for (const processor of processors.values()) processor.state = state;
      };
    const handles = present.map(({ name }) => ({
      name,
      stop: record("stop", "STOPPED"),
      modify: record("modify"),
      start: record("start", "STARTED"),
    }));
    const sp = { createStreamProcessor: record("create"), listStreamProcessors: () => handles };
    const db = { adminCommand: () => ({ ok: 1, streamProcessors: [...processors.values()] }) };
    // oxlint-disable-next-line no-new-func -- the script is what is under test
    new Function("sp", "db", "EJSON", "print", "sleep", script)(
      sp,
      db,
      EJSON,
      () => undefined,
      () => undefined,
    );
    return calls;
  };
  const script = emitDefinitions([hostileDefinition], "mongosh");

  test("creates a processor that is not there, with every name, type and order as compiled", () => {
    const [call] = run(script, [{ name: "other", state: "STARTED" }]);
    const { name, options } = hostileDefinition;
    expect(toEjson(call)).toBe(toEjson(["create", name, pipeline, options]));
  });

  test("stops, modifies and starts one that runs, and leaves a stopped one stopped", () => {
    const names = (state: string) => run(script, [{ name: hostileName, state }]).map(([name]) => name);
    expect(names("STARTED")).toEqual(["stop", "modify", "start"]);
    expect(names("STOPPED")).toEqual(["modify"]);
  });

  test("gives up on one that does not come to rest", () => {
    expect(() => run(script, [{ name: hostileName, state: "PROVISIONING" }])).toThrow(/is still PROVISIONING after/);
  });

  test("holds several processors one after the other", () => {
    expect(run(emitDefinitions(named("a", "b"), "mongosh"), [])).toHaveLength(2);
  });
});

describe("a Terraform module", () => {
  test("gives the names and the pipeline back, byte for byte", () => {
    const { processor_name, options, pipeline: text } = theResource(emitDefinitions([hostileDefinition], "terraform"));
    // HCL brings every text into the composed form; the pipeline must not be changed by it.
    expect(processor_name).toBe(hostileName.normalize("NFC"));
    expect(options?.dlq).toEqual({ connection_name: "domain", db: "ops", coll: hostileName.normalize("NFC") });
    expect(inOrder(text ?? "")).toEqual(inOrder(toEjson(pipeline)));
    expect(text).toContain("JSON");
  });

  test("any text comes back as it was", () => {
    const piece = fc.constantFrom(
      "${",
      "%{",
      "$",
      "%",
      "{",
      "}",
      "\\",
      '"',
      "\n",
      "\r",
      "JSON",
      "\b",
      "\f",
      "\0",
      "e\u0301",
      "\ud83d\ude42",
      "\u2028",
      "é",
    );
    const text = fc.array(fc.oneof(piece, fc.string({ unit: "grapheme" }))).map((parts) => parts.join(""));
    fc.assert(
      fc.property(text, (any) => {
        const resource = theResource(
          emitDefinitions([{ name: any, pipeline: [{ $set: { [any]: any } }] }], "terraform"),
        );
        expect(resource.processor_name).toBe(any.normalize("NFC"));
        expect(JSON.parse(resource.pipeline ?? "")).toEqual([{ $set: { [any]: any } }]);
      }),
      { numRuns: 200 },
    );
  });

  test("never encodes with Terraform's own function, which sorts keys", () => {
    expect(emitDefinitions([hostileDefinition], "terraform")).not.toContain("jsonencode");
  });

  test("says tier, autoscaling and failover in Terraform's own spelling", () => {
    const options: ProcessorOptions = {
      dlq: { connectionName: "domain", db: "ops", coll: "letters" },
      tier: "SP10",
      autoscaling: { enabled: true, minTier: "SP10", maxTier: "SP30" },
      failoverEnabled: true,
    };
    expect(theResource(emitDefinitions([{ name: "a", pipeline: [], options }], "terraform"))).toMatchObject({
      project_id: "${var.project_id}",
      workspace_name: "${var.workspace_name}",
      tier: "SP10",
      failover_enabled: true,
      options: { dlq: { coll: "letters" }, autoscaling: { enabled: true, min_tier: "SP10", max_tier: "SP30" } },
    });
  });

  test("all files of a folder are one module: every name has a label of its own, and nothing is declared twice", () => {
    const names = ["a b", "a-b", "a_b", "a.b", "a_x20_b", "1", "_x31_", "ü", "", "_x_", "_"];
    const files = emitFiles(named(...names), "terraform");
    const module = parse(files.map(({ text }) => text).join("\n"));
    expect(Object.keys(module.resource?.mongodbatlas_stream_processor ?? {})).toHaveLength(names.length);
    expect(Object.keys(module.variable ?? {})).toEqual(["project_id", "workspace_name"]);
    for (const blocks of Object.values(module.variable ?? {})) expect(blocks).toHaveLength(1);
    expect(module.terraform).toHaveLength(1);
  });

  test("no processor takes the module's own file, or one that Terraform reads in another way", () => {
    const paths = emitFiles(named("variables", "Variables", "override", "price_override"), "terraform").map(
      ({ path }) => path,
    );
    expect(paths).toEqual(["%76ariables.tf", "%56ariables.tf", "%6Fverride.tf", "price%5Foverride.tf", "variables.tf"]);
  });
});

test.each(["json", "mongosh", "terraform"] as const)("a file of %s is told from others of that kind", (format) => {
  for (const { text } of emitFiles([hostileDefinition], format)) expect(isEmitted(text, format)).toBe(true);
  for (const other of ["", "{}", "[]", "null", '{"name":1}', "// Mine.", 'variable "a" {}']) {
    expect(isEmitted(other, format)).toBe(false);
  }
});

interface Resource {
  readonly processor_name?: string;
  readonly pipeline?: string;
  readonly options?: { readonly dlq?: object };
}

interface Module {
  readonly terraform?: readonly object[];
  readonly variable?: Readonly<Record<string, readonly object[]>>;
  readonly resource?: { readonly mongodbatlas_stream_processor?: Readonly<Record<string, readonly Resource[]>> };
}

/** What HCL's own parser makes of a module. */
function parse(text: string): Module {
  const [module, error] = parseToObject(text) as readonly [Module | null, unknown];
  expect(error).toBeNull();
  if (module === null) throw new Error("the parser gave no module");
  return module;
}

function theResource(text: string): Resource {
  const [resource] = Object.values(parse(text).resource?.mongodbatlas_stream_processor ?? {}).flat();
  if (resource === undefined) throw new Error("the module has no resource");
  return resource;
}

/** Tokens of a JSON text, whose order an object would not keep. */
function inOrder(json: string): readonly string[] {
  const tokens = json.match(/"(?:[^"\\]|\\.)*"|[^\s"]/gu) ?? [];
  return tokens.map((token) => (token.startsWith('"') ? JSON.stringify(JSON.parse(token)) : token));
}
