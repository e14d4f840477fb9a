import { expect, test, vi } from 'vitest'

test('saves once when typing has stopped', () => {
  vi.useFakeTimers()
  const save = vi.fn()
  let timer: ReturnType<typeof setTimeout> | undefined
  for (let key = 0; key < 5; key++) {
    clearTimeout(timer)
    timer = setTimeout(save, 300)
  }
  vi.advanceTimersByTime(300)
  expect(save).toHaveBeenCalledTimes(1)
})
