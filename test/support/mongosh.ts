import { inject } from "vitest";

const found = inject("mongosh");

/** The script that is mongosh; where there is none, no test comes to run it. */
export const mongosh = "path" in found ? found.path : "";
