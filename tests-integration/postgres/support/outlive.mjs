// A process with a run in it, which tells where its server is and then waits to be killed.
import { postgres } from '@vitest-lanes/postgres'
import { newRunId } from '@vitest-lanes/server'

const options = JSON.parse(process.argv[2])
const provider = postgres(options)
await provider.start({
  resource: 'postgres',
  runId: newRunId(),
  root: process.cwd(),
  lanes: 2,
  instances: 2,
  log() {},
})
const { env } = await provider.open({ number: 1, mode: 'exclusive' })
console.log(env.DATABASE_URL)
setInterval(() => {}, 60_000)
