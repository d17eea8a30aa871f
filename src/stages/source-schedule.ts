import { Type } from "@sinclair/typebox";
import { fields, literal, schedule } from "./values.ts";

/** The fields of `$source` on a schedule. Source: asp-language section 1.1.7. */
export const scheduleArgs = fields({
  schedule: schedule("Second, minute, hour, day of month, month and day of week, in UTC."),
  tsFieldName: Type.Optional(literal("Field that gets the time of the tick; default _ts.")),
});
