import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Pressure } from './types.ts'

const BURN = fileURLToPath(new URL('./burn.js', import.meta.url))
const LATENCY = fileURLToPath(new URL('../worker/latency.cjs', import.meta.url))

/** Pressure that is on. */
export interface Pressing {
  /** Variables of the workers that are to feel it. */
  readonly env: Readonly<Record<string, string>>
  end(): Promise<void>
}

/** Begins to use CPU; latency is added in the workers themselves. */
export function press(pressure: Pressure | undefined): Pressing {
  const burners = Array.from({ length: pressure?.cpu ?? 0 }, () =>
    // It ends by itself when this process does, however that happens: its input ends.
    spawn(process.execPath, [BURN], { stdio: ['pipe', 'ignore', 'ignore'] }),
  )
  // Ended before it could be spoken to.
  for (const { stdin } of burners) stdin.on('error', () => {})
  return {
    env: latencyEnv(pressure?.latencyMs ?? 0),
    async end() {
      await Promise.all(
        burners.map(async (burner) => {
          if (burner.exitCode !== null || burner.signalCode !== null) return
          const gone = once(burner, 'exit')
          burner.kill('SIGKILL')
          await gone
        }),
      )
    },
  }
}

function latencyEnv(latencyMs: number): Record<string, string> {
  if (latencyMs === 0) return {}
  // As Node.js reads it: a path with a space stands in quotes, where a backslash keeps what follows.
  const hook = `--require "${LATENCY.replace(/["\\]/g, '\\$&')}"`
  return { NODE_OPTIONS: hook, VITEST_LANES_LATENCY: String(latencyMs) }
}
