import type { Vitest } from 'vitest/node'

/** Names and values of `<property>` elements. */
export type Properties = Readonly<Record<string, string>>

/** A file, as Vitest's tasks name it. */
export interface SuiteFile {
  readonly filepath: string
  readonly projectName?: string
}

interface JUnit {
  writeTasks: (
    this: JUnit,
    tasks: readonly { readonly file?: SuiteFile | null }[],
    ...rest: unknown[]
  ) => Promise<void>
  readonly logger?: { log(line: string): Promise<void> | void }
}

/**
 * Gives each `<testsuite>` of Vitest's JUnit report properties, before its test cases. The reporter writes those in
 * one method (4.1.12, 5.1.1; not public); nothing happens where it has no such method.
 */
export function addSuiteProperties(vitest: Vitest, propertiesOf: (file: SuiteFile) => Properties): void {
  const { reporters } = vitest as unknown as { reporters?: readonly object[] }
  for (const reporter of (reporters ?? []).filter(isJUnit)) {
    const write = reporter.writeTasks
    reporter.writeTasks = async (tasks, ...rest) => {
      const file = tasks[0]?.file
      if (file) await writeProperties(reporter, propertiesOf(file))
      await write.call(reporter, tasks, ...rest)
    }
  }
}

function isJUnit(reporter: object): reporter is JUnit {
  return typeof (reporter as Partial<JUnit>).writeTasks === 'function'
}

async function writeProperties({ logger }: JUnit, properties: Properties): Promise<void> {
  const all = Object.entries(properties)
  if (logger === undefined || all.length === 0) return
  await logger.log('<properties>')
  for (const [name, value] of all)
    await logger.log(`  <property name="${escapeXml(name)}" value="${escapeXml(value)}"/>`)
  await logger.log('</properties>')
}

function escapeXml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}
