import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { execaNode } from "execa";
import { afterAll, beforeAll, expect, test } from "vitest";
import { installPacked } from "./install-packed.ts";

let folder: string;
beforeAll(async () => {
  ({ folder } = await installPacked());
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const asp = (cwd: string, ...args: readonly string[]) =>
  execaNode(join(folder, "node_modules/asp-toolkit/dist/cli/main.js"), args, {
    cwd: join(folder, cwd),
    reject: false,
    nodeOptions: [],
    // What is kept of a copy that nobody will run again is of no use to anyone.
    env: { CI: "true", NODE_DISABLE_COMPILE_CACHE: "1" },
  });

async function writeProject(cwd: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, cwd, path)), { recursive: true });
    await writeFile(join(folder, cwd, path), text);
  }
}

test("the packed command makes a project, which is valid, and whose case passes and can be replayed", async () => {
  expect((await asp(".", "init", "shop")).exitCode).toBe(0);
  expect(await asp("shop", "validate")).toMatchObject({ exitCode: 0, stdout: "1 processor checked: no findings" });
  const tested = await asp("shop", "test", "--json");
  expect(JSON.parse(tested.stdout)).toMatchObject({ passed: 1, failed: 0, findings: [] });
  const replayed = await asp("shop", "replay", "order-is-placed", "--json");
  expect(JSON.parse(replayed.stdout)).toMatchObject({ events: 5, processors: [{ name: "orders", output: 5 }] });
});

test("a project of one's own: other envelope names, each guard, look-up data that changes under way", async () => {
  await writeProject("clinic", clinic);
  const validated = await asp("clinic", "validate", "--json");
  expect(JSON.parse(validated.stdout)).toEqual({ findings: [], errors: 0, warnings: 0 });
  const tested = await asp("clinic", "test", "--json");
  const { cases, ...report } = JSON.parse(tested.stdout) as Report;
  expect(report).toEqual({ passed: 2, failed: 0, findings: [] });
  const trials = cases.flatMap(({ name, trials: all }) => all.map((trial) => `${name} ${trial.name} ${trial.ok}`));
  expect(trials).toEqual(
    ["admissions", "wards-change"].flatMap((name) =>
      ["straight", "one-per-batch", "redelivered", "restarted"].map((trial) => `${name} ${trial} true`),
    ),
  );
  const replayed = await asp("clinic", "replay", "admissions", "--out", "out");
  expect(replayed.stdout).toContain("What came out equals the 6 documents of then/");
  expect(await readFile(join(folder, "clinic/out/clinic.people.ndjson"), "utf8")).toBe(people);
});

test("an expectation that is wrong is red, with the field and both values", async () => {
  await writeProject("clinic", clinic);
  await writeProject("clinic", {
    "test/fixtures/admissions/then/clinic.patients.ndjson": patients.replace('"stays":2', '"stays":3'),
  });
  const { exitCode, stderr } = await asp("clinic", "test", "admissions");
  expect(exitCode).toBe(1);
  expect(stderr).toContain('`patients`, clinic.patients {_id: "p1"} `stays`: expected 3, found 2');
});

interface Report {
  readonly cases: readonly {
    readonly name: string;
    readonly trials: readonly { readonly name: string; readonly ok: boolean }[];
  }[];
}

const happened = (id: string, patient: string, seq: number, kind: string, body: object): string =>
  `${JSON.stringify({ _id: id, about: { id: patient, seq }, kind, at: { $date: "2026-03-01T08:00:00Z" }, body })}\n`;

const admitted = (id: string, patient: string, seq: number, ward: string): string =>
  happened(id, patient, seq, "Admitted", { ward, doctor: "dr-no" });

const patients = [
  '{"_id":"p1","ward":"w1","isIn":false,"stays":2}\n',
  '{"_id":"p2","ward":"w1","isIn":true,"stays":1}\n',
].join("");
const people = '{"_id":"p1","isKnown":true}\n{"_id":"p2","isKnown":true}\n';

const projection = (name: string, body: string): string => `
import { defineProjection } from "asp-toolkit";
import type { ClinicEvent } from "./events.ts";

export default defineProjection<any, ClinicEvent>({
  name: "${name}",
  into: { connectionName: "domain", db: "clinic", coll: "${name}" },
  ${body}
});
`;

const clinic: Readonly<Record<string, string>> = {
  "package.json": '{"type":"module"}',
  "atlas.config.yaml": `
events:
  connectionName: log
  db: clinic
  coll: log
  envelope: { id: _id, stream: about.id, version: about.seq, type: kind, time: at, data: body }
connections: { log: { type: Cluster }, domain: { type: Cluster } }
environments: { local: { target: emulator } }
`,
  "pipelines/events.ts": `
export type ClinicEvent =
  | { type: "Admitted"; data: { ward: string; doctor: string } }
  | { type: "Discharged"; data: { ward: string } };
`,
  "pipelines/patients.ts": projection(
    "patients",
    `initial: { isIn: false, stays: 0 },
  on: {
    Admitted: ({ data }, view) => ({ ward: data.ward, isIn: true, stays: { $add: [view.stays, 1] } }),
    Discharged: () => ({ isIn: false }),
  },`,
  ),
  "pipelines/wards_in_use.ts": projection(
    "wards_in_use",
    `key: ({ data }) => data.ward,
  initial: { patients: 0 },
  on: {
    Admitted: (_, view) => ({ patients: { $add: [view.patients, 1] } }),
    Discharged: (_, view) => ({ patients: { $subtract: [view.patients, 1] } }),
  },`,
  ),
  "pipelines/doctors.ts": projection(
    "doctors",
    `key: ({ data }) => data.doctor,
  guard: "streams",
  initial: { admitted: [] },
  on: {
    Admitted: ({ stream }, view) => ({ admitted: { $concatArrays: [view.admitted, [stream]] } }),
  },`,
  ),
  "pipelines/people.ts": projection("people", `guard: "none",\n  on: { Admitted: () => ({ isKnown: true }) },`),
  "pipelines/visits.ts": `
import { defineProcessor } from "asp-toolkit";

export default defineProcessor({
  name: "visits",
  pipeline: [
    { $source: { connectionName: "log", db: "clinic", coll: "log", config: { fullDocumentOnly: true } } },
    { $match: { kind: "Admitted" } },
    {
      $lookup: {
        from: { connectionName: "domain", db: "clinic", coll: "wards" },
        localField: "body.ward",
        foreignField: "_id",
        as: "ward",
      },
    },
    { $project: { patient: "$about.id", floor: { $first: "$ward.floor" } } },
    { $merge: { into: { connectionName: "domain", db: "clinic", coll: "visits" }, whenMatched: "replace" } },
  ],
});
`,
  "test/fixtures/admissions/fixture.yaml": "processors: [patients, wards_in_use, doctors, people]\n",
  "test/fixtures/admissions/given/clinic.log.ndjson": [
    admitted("e1", "p1", 1, "w1"),
    admitted("e2", "p2", 1, "w1"),
    happened("e3", "p1", 2, "Discharged", { ward: "w1" }),
    admitted("e4", "p1", 3, "w1"),
    happened("e5", "p1", 4, "Discharged", { ward: "w1" }),
  ].join(""),
  "test/fixtures/admissions/then/clinic.patients.ndjson": patients,
  "test/fixtures/admissions/then/clinic.wards_in_use.ndjson": '{"_id":"w1","patients":1}\n',
  "test/fixtures/admissions/then/clinic.doctors.ndjson": '{"_id":"dr-no","admitted":["p1","p2","p1"]}\n',
  "test/fixtures/admissions/then/clinic.people.ndjson": people,
  "test/fixtures/wards-change/fixture.yaml": "processors: [visits]\n",
  "test/fixtures/wards-change/seed/clinic.wards.ndjson": '{"_id":"w1","floor":1}\n{"_id":"w2","floor":2}\n',
  "test/fixtures/wards-change/given/_steps.yaml": `
- insert: { into: clinic.log, documents: [{ _id: e1, about: { id: p1, seq: 1 }, kind: Admitted, body: { ward: w1 } }] }
- insert: { into: clinic.log, documents: [{ _id: e2, about: { id: p2, seq: 1 }, kind: Admitted, body: { ward: w2 } }] }
- caughtUp: true
- update: { in: clinic.wards, filter: { _id: w1 }, update: { $set: { floor: 7 } } }
- delete: { in: clinic.wards, filter: { _id: w2 } }
- insert: { into: clinic.log, documents: [{ _id: e3, about: { id: p3, seq: 1 }, kind: Admitted, body: { ward: w1 } }] }
- insert: { into: clinic.log, documents: [{ _id: e4, about: { id: p4, seq: 1 }, kind: Admitted, body: { ward: w2 } }] }
`,
  "test/fixtures/wards-change/then/clinic.visits.ndjson": [
    '{"_id":"e1","patient":"p1","floor":1}\n',
    '{"_id":"e2","patient":"p2","floor":2}\n',
    '{"_id":"e3","patient":"p3","floor":7}\n',
    '{"_id":"e4","patient":"p4"}\n',
  ].join(""),
};
