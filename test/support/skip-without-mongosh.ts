import { beforeEach, inject } from "vitest";

const found = inject("mongosh");

// Of every file of the project that needs it.
beforeEach(({ skip }) => {
  if ("missing" in found) skip(found.missing);
});
