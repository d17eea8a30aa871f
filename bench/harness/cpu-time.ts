import { readFile } from "node:fs/promises";

/** Seconds of processor time that this process and a mongod have used, where the system tells (Linux). */
export async function readCpuTime(mongodPid: number): Promise<{ readonly node: number; readonly mongod: number }> {
  const { user, system } = process.cpuUsage();
  const stat = await readFile(`/proc/${mongodPid}/stat`, "utf8").catch(() => "");
  // Fields 14 and 15 of proc(5), in hundredths of a second; the name before them may hold spaces.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return { node: (user + system) / 1e6, mongod: (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) / 100 };
}
