import type { CapturePlan } from "../../core/plan-capture.ts";
import { bucketExpressions, createBucketForm } from "./bucket-form.ts";
import type { CaptureExpressions, CaptureForm } from "./capture-form.ts";
import { createKinesisForm, kinesisExpressions } from "./kinesis-form.ts";
import { createPubSubForm, pubSubExpressions } from "./pub-sub-form.ts";

/** What a plan's kind of captured sink does in its own way. */
export function createCaptureForm(plan: CapturePlan): CaptureForm {
  switch (plan.target) {
    case "s3":
    case "azureBlob":
      return createBucketForm(plan);
    case "kinesis":
      return createKinesisForm(plan);
    case "pubSub":
      return createPubSubForm(plan);
  }
}

/** The expressions of a captured sink that each document answers for itself. */
export function captureExpressions(plan: CapturePlan): CaptureExpressions {
  switch (plan.target) {
    case "s3":
    case "azureBlob":
      return bucketExpressions(plan);
    case "kinesis":
      return kinesisExpressions(plan);
    case "pubSub":
      return pubSubExpressions(plan);
  }
}
