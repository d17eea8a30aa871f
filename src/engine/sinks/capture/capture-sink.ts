import { join } from "node:path";
import { toSegment } from "../../core/capture-path.ts";
import type { WriteOptions } from "../../core/plan-capture.ts";
import { onDisk as doOnDisk } from "../on-disk.ts";
import type { Sink, SinkRefusal } from "../sink.ts";
import type { CaptureForm, CapturedOrReason } from "./capture-form.ts";
import { createCaptureStore } from "./capture-store.ts";
import type { FileRecord } from "./record-file.ts";

export interface CaptureSinkOptions {
  /** Where the output of all connections goes. */
  readonly captureDir: string;
  readonly connectionName: string;
  /** Of the processor. */
  readonly name: string;
  /** Engine time, in milliseconds since the epoch. */
  readonly now: () => number;
}

/** What comes between two checkpoints goes into one file. */
const unlimited: WriteOptions = { count: undefined, bytes: Infinity, intervalMs: Infinity };

/** Writes what a cloud's own target would get as files below the capture folder. */
export function createCaptureSink(form: CaptureForm, options: CaptureSinkOptions): Sink<CapturedOrReason> {
  if (options.captureDir === "") throw new Error(`there is no folder for the captured output of ${options.name}`);
  const dir = join(options.captureDir, toSegment(options.connectionName));
  const store = createCaptureStore({
    dir,
    processor: options.name,
    format: form.format,
    writeOptions: form.writeOptions ?? unlimited,
    now: options.now,
  });
  const encoder = new TextEncoder();

  const onDisk = (work: () => Promise<void>): Promise<void> => doOnDisk({ name: options.name, dir }, work);

  return {
    operator: "$emit",
    prepare: () => onDisk(store.resume),
    resolve: (documents) => documents.map(form.resolve),
    write: async (targets) => {
      const refusals: SinkRefusal[] = [];
      const records = new Map<string, FileRecord[]>();
      for (const [position, target] of targets.entries()) {
        const record = "reason" in target ? target : form.encode(target);
        if (typeof record !== "string") {
          refusals.push({ position, reason: record.reason });
        } else if (!("reason" in target)) {
          const file = records.get(target.folder) ?? [];
          records.set(target.folder, file);
          file.push({ bytes: encoder.encode(record), weight: target.document.length });
        }
      }
      await onDisk(async () => {
        // What has waited long enough does not wait for what comes now.
        await store.writeDue();
        for (const [folder, file] of records) await store.append(folder, file);
      });
      return refusals;
    },
    flush: () => onDisk(form.writeOptions === undefined ? store.writeAll : store.sync),
    close: async ({ killed }) => {
      if (!killed) await onDisk(store.writeAll);
    },
  };
}
