import { listLessons, setCourseStatus, setLessonContent } from '../../courses/repository.ts'
import type { JobHandler } from '../context.ts'

/** Writes the text of one lesson. */
export const generateText: JobHandler<'text-generation'> = async ({ data, db, model, signal, step }) => {
  const lesson = (await listLessons(db, data.courseId)).find(({ id }) => id === data.lessonId)
  if (!lesson) throw new Error(`Lesson ${data.lessonId} is not in course ${data.courseId}`)
  await step(10)
  const request = { topic: lesson.title, words: data.words, language: data.language, style: data.style }
  const content = await model.write(request, signal)
  await step(80)
  await setLessonContent(db, lesson.id, content)
  return { lessonId: lesson.id, words: content.split(' ').length }
}

/** Declares the course ready, if its lessons have what is required. */
export const finalizeCourse: JobHandler<'finalization'> = async ({ data, db, step }) => {
  const lessons = await listLessons(db, data.courseId)
  const missing = lessons.filter((lesson) => lesson.content === null)
  if (data.require === 'all-lessons' && missing.length > 0) {
    throw new Error(`Course ${data.courseId} has ${missing.length} of ${lessons.length} lessons without text`)
  }
  await step(100)
  await setCourseStatus(db, data.courseId, missing.length === 0 ? 'ready' : 'draft')
  return { lessons: lessons.length, missing: missing.length }
}
