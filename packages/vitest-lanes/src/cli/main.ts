#!/usr/bin/env node
import { LanesError } from '@vitest-lanes/core'
import { CommanderError } from 'commander'
import { EXIT } from './exit.ts'
import { createProgram } from './program.ts'
import { createTerminal } from './terminal.ts'

const terminal = createTerminal()

try {
  await createProgram(terminal, (status) => {
    process.exitCode = status
  }).parseAsync()
} catch (error) {
  process.exitCode = EXIT.error
  if (error instanceof CommanderError) {
    // Commander has printed it. Help and version that were asked for are no errors.
    if (error.exitCode === 0) process.exitCode = EXIT.fine
  } else if (error instanceof LanesError) terminal.warn(error.message)
  else terminal.warn(error instanceof Error ? (error.stack ?? error.message) : String(error))
}
