import type { TSchema } from "@sinclair/typebox";
import { stageTable } from "../stages/index.ts";
import { dlqSchema } from "./dlq-schema.ts";
import { optionsSchema } from "./options-schema.ts";

/** Every schema that a value is checked against, always in the same order: of each stage or its variants, and of `options` and its `dlq`. */
export const checkedSchemas: readonly TSchema[] = [
  ...[...stageTable.values()].flatMap((stage) => (stage.variants ?? [stage]).map(({ args }) => args)),
  dlqSchema,
  optionsSchema,
];
