import type { TestCase } from 'vitest/node'

interface Annotation {
  readonly type: string
  readonly message: string
}

/**
 * Adds an annotation to a test that has ended, as if it had called `annotate` itself: Vitest prints it beneath the
 * test's error, and its JUnit and HTML reports have it. By a field that is not public (4.1.12, 5.1.1); nothing
 * happens where there is none.
 */
export function annotate(test: TestCase, annotation: Annotation): void {
  const { task } = test as { task?: { annotations?: unknown } }
  if (Array.isArray(task?.annotations)) task.annotations.push(annotation)
}
