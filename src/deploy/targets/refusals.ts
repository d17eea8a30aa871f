import { AspError } from "../../diagnostics/asp-error.ts";

/** What a workspace, or the way to it, refused. Every text is the service's own or ours; no secret is part of one. */

export function credentialsRefused(label: string, help: string): AspError {
  return new AspError("ASP6000", `${label} refuses these credentials: they are wrong, have expired or were revoked`, {
    help,
  });
}

export function roleTooSmall(label: string, said: string): AspError {
  return new AspError("ASP6001", `these credentials may not do this at ${label}: ${said}`, {
    help: "give them the role Project Stream Processing Manager (Admin API), or one with the action that is named (wire)",
  });
}

/** @param what as a sentence names it: "workspace `commerce`" */
export function notFound(what: string, label: string, help: string): AspError {
  return new AspError("ASP6002", `there is no ${what} at ${label}`, { help });
}

export function unreachable(label: string, reason: string, cause: unknown): AspError {
  return new AspError("ASP6003", `cannot reach ${label}: ${reason}`, {
    help: /certificate|self.signed|CERT|authority/iu.test(reason)
      ? "name the authority's certificate in `caFile` of the environment, or in NODE_EXTRA_CA_CERTS"
      : "check the address, the network, and that the service's access list has this machine",
    cause,
    retryable: true,
  });
}

/** A reply that the published API does not have: a gateway's page, a proxy's, another server's. */
export function strangeReply(label: string, found: string, isUncertain: boolean): AspError {
  return new AspError("ASP6004", `${label} answers with ${found}, which is not what its API says`, {
    help: "check the address: a proxy or another server may be answering in its place",
    retryable: isUncertain,
  });
}

/** A mongod knows no command of a workspace. */
export function noWorkspace(label: string): AspError {
  return new AspError("ASP6004", `${label} knows no stream processors: it is no workspace`, {
    help: "give the connection string of the workspace in `uri`: that of a cluster is another one",
  });
}

export function tooManyRequests(label: string, seconds: number): AspError {
  return new AspError("ASP6005", `${label} takes no more requests for ${seconds} s`, {
    help: "wait, then run the command again",
  });
}

/** What the service itself says against a request. */
export function requestRefused(label: string, said: string): AspError {
  return new AspError("ASP6006", `${label} refuses: ${said}`, {});
}

/** It is not known whether a write took effect. */
export function failedOnTheWay(label: string, said: string): AspError {
  return new AspError("ASP6007", `${label} failed: ${said}`, {
    help: "run the command again: it reads what is there first",
    retryable: true,
  });
}

export function cannotManageConnections(label: string): AspError {
  return new AspError("ASP6008", `connections cannot be changed at ${label}: the wire protocol only lists them`, {
    help: "use `target: admin-api`, or make the connection by hand",
  });
}

export function cannotSample(label: string): AspError {
  return new AspError("ASP6070", `no samples can be taken at ${label}: the Admin API has none`, {
    help: "add `uri`, the connection string of the workspace, to the environment: samples are taken by the wire protocol",
  });
}

export function cannotReadLogs(label: string): AspError {
  return new AspError("ASP6071", `no logs can be read at ${label}: the wire protocol has none`, {
    help: "add `projectId`, `workspace` and `auth` to the environment: logs are read by the Admin API",
  });
}

export function cannotManageWorkspaces(label: string): AspError {
  return new AspError("ASP6008", `the workspace cannot be changed at ${label}: the wire protocol has no word for it`, {
    help: "use `target: admin-api`, or change the workspace by hand",
  });
}

export function logTooLarge(label: string): AspError {
  return new AspError("ASP6078", `the log at ${label} is larger than asp reads at once`, {
    help: "ask for less of it, with `--since`, `--until` or the name of a processor",
  });
}

export function unreadableCaFile(path: string, cause: unknown): AspError {
  return new AspError("ASP6009", `the certificates in ${path} cannot be read`, {
    help: "correct `caFile` of the environment",
    cause,
  });
}
