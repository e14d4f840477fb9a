import {
  CATALOGUE,
  isJobType,
  JOB_TYPES,
  type JobInput,
  parseJobData,
  PRIORITIES,
} from '@vitest-lanes/orchestrator/catalogue'
import { describe, expect, test } from 'vitest'

const organizationId = '00000000-0000-4000-8000-000000000001'
const courseId = '00000000-0000-4000-8000-000000000010'
const lessonId = '00000000-0000-4000-8000-000000000020'
const course = { organizationId, courseId }

const documentNamed = (name: string, text = 'Some text.') => ({ ...course, document: { name, text } })

const smallest: { readonly [T in keyof typeof CATALOGUE]: JobInput<T> } = {
  'document-parsing': documentNamed('notes.md'),
  'structure-analysis': course,
  'structure-generation': course,
  'text-generation': { ...course, lessonId },
  finalization: course,
  maintenance: { organizationId },
  test_job: { organizationId },
}

const filledIn = [
  ['document-parsing', {}],
  ['structure-analysis', { maxTopics: 12 }],
  ['structure-generation', { lessonsPerSection: 3, language: 'en' }],
  ['text-generation', { words: 120, language: 'en', style: 'conversational' }],
  ['finalization', { require: 'all-lessons' }],
  ['maintenance', { keepMs: 86_400_000 }],
  ['test_job', { message: 'ok', steps: 1, stepMs: 0, failAttempts: 0 }],
] as const

describe('the catalogue', () => {
  test.each(JOB_TYPES)('says how often %s is tried, and with which pause', (type) => {
    const { attempts, backoff, priority } = CATALOGUE[type]

    expect(attempts).toBeGreaterThanOrEqual(1)
    expect(['fixed', 'exponential']).toContain(backoff.type)
    expect(PRIORITIES).toHaveProperty(priority)
  })

  test.each([
    ['test_job', true],
    ['text-generation', true],
    ['Text-Generation', false],
    ['toString', false],
    ['', false],
  ])('knows whether %j is a type of job', (name, known) => {
    expect(isJobType(name)).toBe(known)
  })

  test('gives a higher priority a lower number, as the queue wants it', () => {
    expect(PRIORITIES.high).toBeLessThan(PRIORITIES.normal)
    expect(PRIORITIES.normal).toBeLessThan(PRIORITIES.low)
  })
})

describe('the data of a job', () => {
  test.each(filledIn)('of type %s are filled in where they were left out', (type, defaults) => {
    expect(parseJobData(type, smallest[type])).toEqual({ ...smallest[type], ...defaults })
  })

  test.each([
    ['an organization that is no UUID', 'test_job', { organizationId: 'acme' }, 'organizationId'],
    ['no course', 'finalization', { organizationId }, 'courseId'],
    ['no document', 'document-parsing', course, 'document'],
    ['a document without text', 'document-parsing', documentNamed('a.md', ''), 'text'],
    ['a document of another kind', 'document-parsing', documentNamed('virus.exe'), '.md or .txt'],
    ['too many topics', 'structure-analysis', { ...course, maxTopics: 51 }, 'maxTopics'],
    ['a language that nobody teaches', 'structure-generation', { ...course, language: 'tlh' }, 'language'],
    ['a part of a word', 'text-generation', { ...course, lessonId, words: 12.5 }, 'words'],
    ['a style that is unknown', 'text-generation', { ...course, lessonId, style: 'rude' }, 'style'],
    ['no lesson', 'text-generation', course, 'lessonId'],
    ['no step', 'test_job', { organizationId, steps: 0 }, 'steps'],
    ['a time limit that nothing can keep', 'test_job', { organizationId, timeoutMs: 9 }, 'timeoutMs'],
    ['rows kept for less than no time', 'maintenance', { organizationId, keepMs: -1 }, 'keepMs'],
  ] as const)('are refused with %s', (_, type, data, named) => {
    expect(() => parseJobData(type, data)).toThrow(named)
  })

  test('lose what the type does not know', () => {
    expect(parseJobData('finalization', { ...course, admin: true })).not.toHaveProperty('admin')
  })

  test.each(['notes.md', 'notes.txt'])('may carry a document named %s', (name) => {
    expect(parseJobData('document-parsing', documentNamed(name)).document.name).toBe(name)
  })
})
