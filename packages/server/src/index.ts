export { defaultBase, passageMode } from './base.ts'
export { cacheFolder } from './cache-folder.ts'
export { engineFromEnvironment, type Engine } from './engine.ts'
export { findBinary } from './find-binary.ts'
export { freePort } from './free-port.ts'
export { withLock } from './lock.ts'
export { processIdentity } from './process-identity.ts'
export { isNearHost } from './near-host.ts'
export { redirectPorts, redirectVariables } from './redirect/variables.ts'
export type { RedirectRule } from './redirect/rule.ts'
export { removeFolder } from './remove-folder.ts'
export { newRunId, openRunFolder, type RunFolder, type RunFolderOptions } from './run-folder.ts'
export type { StopSignal } from './server-record.ts'
export {
  endedEarly,
  startServer,
  type ServerExit,
  type ServerOptions,
  type ServerProcess,
} from './start-server.ts'
export { sweepDeadRuns } from './sweep.ts'
