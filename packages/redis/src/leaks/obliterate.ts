import { createHash } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'

/**
 * SHA-1 of the scripts with which the BullMQs that can be found from some folders obliterate a queue: what a server has
 * under that name has been run. Nothing else tells of it. Empty where there is no BullMQ, or one of another make.
 */
export function obliterateScripts(folders: readonly string[]): string[] {
  const entries = folders.flatMap((folder) => {
    try {
      return [createRequire(path.join(folder, 'any.js')).resolve('bullmq')]
    } catch {
      return []
    }
  })
  return [...new Set(entries)].flatMap((entry) => {
    try {
      return scriptsIn(path.join(path.dirname(entry), 'scripts'))
    } catch {
      return []
    }
  })
}

function scriptsIn(folder: string): string[] {
  const require = createRequire(path.join(folder, 'any.js'))
  return readdirSync(folder)
    .filter((name) => /^obliterate-\d+\.js$/.test(name))
    .flatMap((name) => {
      const exported: unknown = require(`./${name}`)
      const content: unknown = Object(Object(exported).obliterate).content
      return typeof content === 'string' ? [createHash('sha1').update(content).digest('hex')] : []
    })
}
