// A worker in a process of its own, for tests that kill it; it ends with them, whatever happens.
import { startWorker } from '@vitest-lanes/orchestrator'

await startWorker({ lockDuration: 1_500, stalledInterval: 300, onError: () => {} })
process.once('disconnect', () => process.exit())
process.send('ready')
