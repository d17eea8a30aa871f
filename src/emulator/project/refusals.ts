import { AspError } from "../../diagnostics/asp-error.ts";

export function tenantNameTaken(name: string): AspError {
  return new AspError("ASP5300", `a workspace named \`${name}\` already exists`);
}

export function noSuchTenant(name: string): AspError {
  return new AspError("ASP5301", `no workspace named \`${name}\` exists`);
}

export function connectionNameTaken(name: string): AspError {
  return new AspError("ASP5302", `a connection named \`${name}\` already exists`);
}

export function noSuchConnection(name: string): AspError {
  return new AspError("ASP5303", `connection named ${name} does not exist`);
}

export function connectionRefused(name: string, message: string, help?: string): AspError {
  return new AspError(
    "ASP5304",
    `the connection \`${name}\` is refused: ${message}`,
    help === undefined ? {} : { help },
  );
}

export function connectionInUse(name: string, processors: readonly string[]): AspError {
  return new AspError("ASP5305", `active stream processors use the connection \`${name}\`: ${processors.join(", ")}`, {
    help: "stop them first",
  });
}

export function tenantInUse(name: string, processors: readonly string[]): AspError {
  return new AspError("ASP5306", `the workspace \`${name}\` has active stream processors: ${processors.join(", ")}`, {
    help: "stop them first",
  });
}
