import { createHash } from 'node:crypto'
import type { Use, UseMode } from '@vitest-lanes/core'
import type { CommandTable } from './command-table.ts'
import { keysOf } from './keys-of.ts'
import { queueOf } from './queues.ts'
import { shownCommand, wholeServer } from './whole-server.ts'

/** What one connection, or a script, has told a server. */
export interface SeenCommand {
  readonly args: readonly string[]
  readonly db: number
}

/** What commands have used, until now. */
export interface SeenUses {
  add(command: SeenCommand): void
  /** A command of which only the name is known, as `config|set`. */
  addNamed(name: string): void
  uses(): readonly Use[]
}

/** Commands whose first argument is another command. */
const SUBCOMMAND =
  /^(?:config|acl|client|function|script|slowlog|latency|cluster|xgroup|xinfo|object|memory|pubsub|command)$/
const SCRIPT_ID = 10

/** Collects what commands use. `table` is what the server says of its commands. */
export function collectUses(table: CommandTable): SeenUses {
  const keys = new Map<string, Set<UseMode>>()
  const others = new Map<string, Use>()
  const note = (kind: string, name: string, mode: UseMode): void => {
    others.set(`${kind} ${name} ${mode}`, { kind, name, mode })
  }
  const noteKey = (key: string, mode: UseMode): void => {
    const modes = keys.get(key)
    if (modes === undefined) keys.set(key, new Set([mode]))
    else modes.add(mode)
  }

  function addNamed(name: string): void {
    const whole = wholeServer(name)
    if (whole !== undefined) note('server', shownCommand(name), whole)
  }

  function add({ args, db }: SeenCommand): void {
    const [first = '', second = '', ...rest] = args
    const base = first.toLowerCase()
    const name = SUBCOMMAND.test(base) ? `${base}|${second.toLowerCase()}` : base
    addNamed(name)
    switch (name) {
      case 'keys':
      case 'scan':
        return noteListing(name, name === 'keys' ? second : (optionOf(args, 'match') ?? '*'))
      case 'publish':
      case 'spublish':
        return note('channel', second, 'write')
      case 'subscribe':
      case 'ssubscribe':
      case 'psubscribe':
        for (const channel of [second, ...rest]) note('channel', channel, 'read')
        return
      case 'script|flush':
        return note('script', '*', 'write')
      case 'script|load':
      case 'eval':
      case 'eval_ro':
        return note('script', idOf(name === 'script|load' ? (rest[0] ?? '') : second), 'read')
      case 'evalsha':
      case 'evalsha_ro':
        return note('script', second.slice(0, SCRIPT_ID), 'read')
      case 'fcall':
      case 'fcall_ro':
        return note('function', second, 'read')
      default: {
        const { read, written } = keysOf(name, args, table.get(name))
        for (const key of read) noteKey(keyIn(db, key), 'read')
        for (const key of written) noteKey(keyIn(db, key), 'write')
      }
    }
  }

  function noteListing(name: string, pattern: string): void {
    if (pattern === '*' || pattern === '') note('server', `${shownCommand(name)} *`, 'any')
    else note('key', pattern.replace(/\[[^\]]*\]|\?/g, '*'), 'read')
  }

  return {
    add,
    addNamed,
    uses() {
      const found = new Map(others)
      const queues = queueOf(keys.keys())
      for (const [key, modes] of keys) {
        const queue = queues(key)
        const name = queue === undefined ? key : `${queue}:*`
        for (const mode of modes) {
          found.set(`key ${name} ${mode}`, { kind: 'key', name, mode })
          if (queue !== undefined) found.set(`queue ${queue} ${mode}`, { kind: 'queue', name: queue, mode })
        }
      }
      return [...found.values()]
    },
  }
}

/** Keys of other databases than the first are told apart. */
function keyIn(db: number, key: string): string {
  return db === 0 ? key : `db${db} ${key}`
}

function optionOf(args: readonly string[], name: string): string | undefined {
  const at = args.findIndex((arg, index) => index > 1 && arg.toLowerCase() === name)
  return at === -1 ? undefined : args[at + 1]
}

function idOf(text: string): string {
  return createHash('sha1').update(text).digest('hex').slice(0, SCRIPT_ID)
}
