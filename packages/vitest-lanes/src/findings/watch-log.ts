import { closeSync, openSync, readSync } from 'node:fs'

/** Where in the code something came about, and in which test, as far as that can be told. */
export interface Origin {
  readonly pid: number
  /** Absolute path and line. */
  readonly at?: string
  /** The package that the code called. */
  readonly via?: string
  readonly test?: string
}

/** A connection to another address than one of the file's own instances. */
export interface Contact extends Origin {
  readonly to: string
}

/** A connection to one of the file's own instances, by the port on the file's side. */
export interface OwnConnection extends Origin {
  readonly from: number
}

/** A process that was started. */
export interface StartedProcess extends Origin {
  readonly child: number
  readonly command?: string
  readonly script?: string
}

export type Entry = Contact | OwnConnection | StartedProcess

const CHUNK = 65_536

/** What the hook in a worker has written. */
export class WatchLog {
  readonly path: string
  #position = 0
  #rest = ''

  constructor(path: string) {
    this.path = path
  }

  /** What has come since the last time. Most files write nothing, and then there is no file. */
  read(): readonly Entry[] {
    const lines = (this.#rest + this.#more()).split('\n')
    this.#rest = lines.pop() ?? ''
    return lines.flatMap((line) => {
      try {
        return [JSON.parse(line) as Entry]
      } catch {
        return []
      }
    })
  }

  #more(): string {
    let file: number
    try {
      file = openSync(this.path, 'r')
    } catch {
      return ''
    }
    try {
      const chunks: Buffer[] = []
      for (;;) {
        const chunk = Buffer.alloc(CHUNK)
        const count = readSync(file, chunk, 0, CHUNK, this.#position)
        if (count === 0) return Buffer.concat(chunks).toString()
        chunks.push(chunk.subarray(0, count))
        this.#position += count
      }
    } finally {
      closeSync(file)
    }
  }
}
