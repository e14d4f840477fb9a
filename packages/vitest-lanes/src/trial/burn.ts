// A process of its own that uses a core until its parent ends it, or has ended.
const TURN_MS = 20

process.stdin.once('end', () => process.exit()).resume()

function burn(): void {
  const until = performance.now() + TURN_MS
  while (performance.now() < until);
  setImmediate(burn)
}

burn()
