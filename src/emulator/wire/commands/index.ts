import { atlasVersion } from "./atlas-version.ts";
import { buildInfo } from "./build-info.ts";
import type { WireCommand } from "./command.ts";
import { connectionStatus } from "./connection-status.ts";
import { createStreamProcessor } from "./create-stream-processor.ts";
import { dropStreamProcessor } from "./drop-stream-processor.ts";
import { endSessions } from "./end-sessions.ts";
import { getMoreSampleStreamProcessor } from "./get-more-sample-stream-processor.ts";
import { getParameter } from "./get-parameter.ts";
import { getStreamProcessorStats } from "./get-stream-processor-stats.ts";
import { getStreamProcessor } from "./get-stream-processor.ts";
import { hello } from "./hello.ts";
import { killCursors } from "./kill-cursors.ts";
import { listStreamConnections } from "./list-stream-connections.ts";
import { listStreamProcessors } from "./list-stream-processors.ts";
import { listWorkspaceDefaults } from "./list-workspace-defaults.ts";
import { logout } from "./logout.ts";
import { modifyStreamProcessor } from "./modify-stream-processor.ts";
import { ping } from "./ping.ts";
import { processStreamProcessor } from "./process-stream-processor.ts";
import { saslContinue } from "./sasl-continue.ts";
import { saslStart } from "./sasl-start.ts";
import { startSampleStreamProcessor } from "./start-sample-stream-processor.ts";
import { startStreamProcessor } from "./start-stream-processor.ts";
import { stopStreamProcessor } from "./stop-stream-processor.ts";

/** Every command that is answered. */
const commands: readonly WireCommand[] = [
  hello,
  saslStart,
  saslContinue,
  logout,
  ping,
  buildInfo,
  atlasVersion,
  connectionStatus,
  getParameter,
  endSessions,
  killCursors,
  createStreamProcessor,
  processStreamProcessor,
  listStreamProcessors,
  listStreamConnections,
  listWorkspaceDefaults,
  startStreamProcessor,
  stopStreamProcessor,
  dropStreamProcessor,
  modifyStreamProcessor,
  getStreamProcessorStats,
  getStreamProcessor,
  startSampleStreamProcessor,
  getMoreSampleStreamProcessor,
];

const byName = new Map(commands.flatMap((command) => command.names.map((name) => [name, command] as const)));

export function findCommand(name: string): WireCommand | undefined {
  return byName.get(name);
}
