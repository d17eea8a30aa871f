import type { Finding } from "../diagnostics/finding.ts";
import { checkDates } from "./check-dates.ts";
import { checkEventFields } from "./check-event-fields.ts";
import { checkProvider } from "./check-provider.ts";
import { checkTextTimes } from "./check-text-times.ts";
import { checkTimeField } from "./check-time-field.ts";
import { checkTier } from "./check-tier.ts";
import type { WholeProcessor } from "./own-stages.ts";
import { checkImages } from "./rules/images-not-kept.ts";
import { checkDeadLetterWords } from "./rules/no-dead-letter-queue.ts";
import { checkTimeSeries } from "./rules/merge-into-time-series.ts";
import { checkProcessorName } from "./rules/processor-name.ts";
import { checkIdleParts } from "./rules/window-held-by-idle-part.ts";

/** Every rule that looks at a processor as a whole, and at the workspace that is to run it. */
export function checkWhole(processor: WholeProcessor): readonly Finding[] {
  return rules.flatMap((rule) => rule(processor));
}

const rules = [
  checkProcessorName,
  checkTier,
  checkProvider,
  checkImages,
  checkDeadLetterWords,
  checkIdleParts,
  checkDates,
  checkEventFields,
  checkTimeSeries,
  checkTextTimes,
  checkTimeField,
];
