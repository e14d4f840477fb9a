/** What the user sees while a run works: in a terminal one line that changes, elsewhere one line at its end. */
export interface Progress {
  begin(title: string): void
  files(ended: number): void
  end(result: string): void
}

const TICK_MS = 500

export function createProgress(out: NodeJS.WriteStream): Progress {
  let title = ''
  let ended = 0
  let begun = 0
  let timer: NodeJS.Timeout | undefined
  const draw = (text: string): void => {
    if (out.isTTY) out.write(`\r\u001B[2K${text}`)
  }
  const live = (): void =>
    draw(`  ${title} … ${ended} files done, ${Math.round((performance.now() - begun) / 1000)} s`)
  return {
    begin(what) {
      title = what
      ended = 0
      begun = performance.now()
      if (out.isTTY) timer = setInterval(live, TICK_MS)
      live()
    },
    files(count) {
      ended = count
      live()
    },
    end(result) {
      clearInterval(timer)
      draw('')
      out.write(`  ${title}: ${result}\n`)
    },
  }
}
