import { toCaptureFolder } from "../../core/capture-path.ts";
import { computedOptions, textReader } from "../../core/computed-text.ts";
import { createDynamicTargets } from "../../core/dynamic-targets.ts";
import { toOutputJson } from "../../core/formats/output-json.ts";
import type { BucketPlan, Compression } from "../../core/plan-capture.ts";
import type { CaptureExpressions, CaptureForm } from "./capture-form.ts";

const suffixes: Readonly<Record<Compression, string>> = { none: "", gzip: ".gz", snappy: ".sz" };

export function bucketExpressions({ bucket, path, partitionBy }: BucketPlan): CaptureExpressions {
  return computedOptions({ bucket, path, partitionBy });
}

/** Files of documents in a bucket or a container. A path is no target of its own, so that any number of days may be in one. */
export function createBucketForm(plan: BucketPlan): CaptureForm {
  const readBucket = textReader("$emit", "bucket", plan.bucket);
  const readPath = textReader("$emit", "path", plan.path);
  const dynamicTargets = createDynamicTargets("$emit");
  const isDynamic = computedOptions({ bucket: plan.bucket }) !== undefined;
  return {
    resolve: ({ document, values }) => {
      const [bucket, path] = [readBucket(values), readPath(values)];
      if ("reason" in bucket) return bucket;
      if ("reason" in path) return path;
      if (isDynamic) dynamicTargets.add(bucket.text);
      const found = toCaptureFolder(bucket.text, path.text);
      return "reason" in found ? found : { folder: found.folder, document };
    },
    encode: ({ document }) => toOutputJson(document, plan.json),
    format: {
      extension: `.json${suffixes[plan.compression]}`,
      delimiter: plan.delimiter,
      isTerminated: false,
      compression: plan.compression,
      compressionLevel: plan.compressionLevel,
    },
    writeOptions: plan.writeOptions,
  };
}
