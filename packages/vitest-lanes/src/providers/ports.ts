import { LanesError } from '@vitest-lanes/core'
import type { OpenInstance, Provider, RunContext } from '@vitest-lanes/core'
import { checkOptions } from './options.ts'
import { isFree, takePortBlock } from './port-block.ts'
import type { PortBlock } from './port-block.ts'

export interface PortsOptions {
  /** Environment variable that gets the port; `PORT` where left out. */
  readonly name?: string
  /** How many ports at once; one per lane where left out. */
  readonly instances?: number | 'lanes'
  /**
   * The port that the suite names itself. It is given where there is one instance only (one lane, or `instances: 1`),
   * and then it must be free; with more instances it is not used.
   */
  readonly usual?: number
}

/** Ports of one run. */
interface Ports {
  readonly context: RunContext
  readonly blocks: PortBlock[]
  /** Not in use, the one that was given back last at the end. */
  readonly waiting: number[]
}

/**
 * A free TCP port for each file that claims one, in `PORT`. No other instance and no other run on this machine is given
 * it meanwhile. What is not kept out: a program that is told to use a port from 20480 to 26623, whatever it is.
 * @throws LANES_OPTION_UNKNOWN, LANES_OPTION_INVALID
 */
export function ports(options: PortsOptions = {}): Provider {
  checkOptions('ports', options, ['name', 'instances', 'usual'])
  const { name = 'PORT', instances = 'lanes', usual } = options
  let run: Ports | undefined

  async function take(): Promise<number> {
    if (run === undefined)
      throw new LanesError('LANES_PROVIDER_OPEN', 'ports() was asked to open before it was started.')
    if (usual === undefined || run.context.instances > 1) return nextFree(run)
    if (await isFree(usual)) return usual
    throw new LanesError('LANES_PROVIDER_OPEN', `${run.context.resource}: port ${usual} is in use.`, {
      hint: 'End what listens there, or leave `usual` out and have the code under test read the port from the environment.',
    })
  }

  return {
    name: 'ports',
    instances,
    async start(context) {
      const own: Ports = { context, blocks: [], waiting: [] }
      await takeMore(own)
      run = own
    },
    // Without `reset`: what a file has left listening does not meet the next one, which gets another port.
    async open(): Promise<OpenInstance> {
      const port = await take()
      return {
        env: { [name]: String(port) },
        dispose() {
          if (port !== usual) run?.waiting.push(port)
          return Promise.resolve()
        },
      }
    },
    async stop() {
      const blocks = run?.blocks ?? []
      run = undefined
      await Promise.all(blocks.map((block) => block.release()))
    },
  }
}

async function nextFree(run: Ports): Promise<number> {
  const { waiting } = run
  for (;;) {
    // Ports on which somebody listens go to the end of the row: the ones before have been looked at.
    for (let looked = waiting.length; looked > 0; looked--) {
      const port = waiting.shift()
      if (port === undefined) break
      if (await isFree(port)) return port
      waiting.push(port)
    }
    await takeMore(run)
  }
}

async function takeMore({ context, blocks, waiting }: Ports): Promise<void> {
  const block = await takePortBlock()
  if (block === undefined)
    throw new LanesError('LANES_PROVIDER_OPEN', `${context.resource}: no port from 20480 to 26623 is free.`, {
      hint: 'End the other runs on this machine, or what listens there.',
    })
  blocks.push(block)
  waiting.push(...block.ports)
}
