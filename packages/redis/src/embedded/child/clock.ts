const SUCCESS = 0
const CLOCK_REALTIME = 0
const WORD = 2 ** 32

/**
 * A function `(clock: i32, precision: i64, pointer: i32) -> i32` that calls `h.c(clock, pointer)`: a number of 64 bits that
 * JavaScript is handed is a BigInt, which costs more than reading the clock.
 */
const WITHOUT_PRECISION = Buffer.from(
  '0061736d01000000010e0260027f7f017f60037f7e7f017f02070101680163000003020101070501016300010a0a0108002000200210000b',
  'hex',
)

/**
 * WASI's `clock_time_get`: nanoseconds in 64 bits. Valkey 9.1 reads the clock twenty times for a `GET`.
 * @param words the program's memory as it is now
 */
export function createClock(words: () => Int32Array): unknown {
  const now = performance.now.bind(performance)
  // Milliseconds with a fraction, in halves of 32 bits: as one number of JavaScript's they would be rounded.
  const start = BigInt(Math.round(performance.timeOrigin * 1_000)) * 1_000n
  const startHigh = Number(start / BigInt(WORD))
  const startLow = Number(start % BigInt(WORD))
  const read = (clock: number, pointer: number) => {
    const ns = Math.floor(now() * 1e6)
    let high = Math.floor(ns / WORD)
    let low = ns - high * WORD
    if (clock === CLOCK_REALTIME) {
      high += startHigh
      low += startLow
      if (low >= WORD) {
        low -= WORD
        high++
      }
    }
    const memory = words()
    memory[pointer / 4] = low
    memory[pointer / 4 + 1] = high
    return SUCCESS
  }
  const module = new WebAssembly.Module(WITHOUT_PRECISION)
  return new WebAssembly.Instance(module, { h: { c: read } }).exports['c']
}
