import { expect, test } from 'vitest'

test('asks until the export is done', { timeout: 1000 }, async () => {
  let asked = 0
  while (asked < 3) {
    asked++
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  expect(asked).toBe(3)
})
