import { z } from 'zod'

/** A topic that a document treats. */
export interface Topic {
  readonly title: string
  readonly sentences: readonly string[]
}

export const outlineSchema = z.object({
  sections: z
    .array(
      z.object({
        title: z.string().trim().min(1).max(200),
        lessons: z
          .array(z.object({ title: z.string().trim().min(1).max(200) }))
          .min(1)
          .max(30),
      }),
    )
    .min(1)
    .max(40),
})

/** Sections and lessons in their order. */
export type Outline = z.infer<typeof outlineSchema>

/** Reads the topics of a text: each line that begins with `#` opens one. Topics without a sentence are left out. */
export function readTopics(text: string): Topic[] {
  const topics: { title: string; sentences: string[] }[] = []
  for (const line of text.split('\n').map((raw) => raw.trim())) {
    if (line.startsWith('#')) {
      topics.push({ title: line.replace(/^#+\s*/, '') || 'Untitled', sentences: [] })
    } else if (line !== '') {
      if (topics.length === 0) topics.push({ title: 'Introduction', sentences: [] })
      topics.at(-1)?.sentences.push(...line.split(/(?<=[.!?])\s+/))
    }
  }
  return topics.filter((topic) => topic.sentences.length > 0)
}

/** Joins topics of the same title, whatever their case, and keeps the `limit` of which most is said, in their order. */
export function mergeTopics(topics: readonly Topic[], limit: number): Topic[] {
  const merged = new Map<string, Topic>()
  for (const topic of topics) {
    const key = topic.title.toLowerCase()
    const known = merged.get(key)
    merged.set(key, known ? { ...known, sentences: [...known.sentences, ...topic.sentences] } : topic)
  }
  const all = [...merged.values()]
  const kept = new Set(all.toSorted((a, b) => b.sentences.length - a.sentences.length).slice(0, limit))
  return all.filter((topic) => kept.has(topic))
}

/**
 * Lays topics out: a section for each `lessonsPerSection` of them, named after its first.
 * @throws if there is no topic.
 */
export function buildOutline(topics: readonly Topic[], lessonsPerSection: number): Outline {
  if (topics.length === 0) throw new Error('A course needs at least one topic')
  const sections: Outline['sections'] = []
  for (let from = 0; from < topics.length; from += lessonsPerSection) {
    const part = topics.slice(from, from + lessonsPerSection)
    sections.push({ title: part[0]?.title ?? '', lessons: part.map(({ title }) => ({ title })) })
  }
  return checkOutline({ sections })
}

/**
 * Checks an outline: 1 to 40 sections of 1 to 30 lessons, no two lessons of a section with the same title.
 * @throws ZodError or Error naming what is wrong.
 */
export function checkOutline(outline: unknown): Outline {
  const checked = outlineSchema.parse(outline)
  for (const section of checked.sections) {
    const titles = section.lessons.map((lesson) => lesson.title.toLowerCase())
    const twice = titles.find((title, index) => titles.indexOf(title) !== index)
    if (twice !== undefined) throw new Error(`Section "${section.title}" has two lessons named "${twice}"`)
  }
  return checked
}
