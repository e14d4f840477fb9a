/** One line of the doctor. */
export interface Check {
  readonly name: string
  /** `advice`: it works, and could be better. `problem`: a run would fail. */
  readonly state: 'fine' | 'advice' | 'problem'
  /** What was found. */
  readonly text: string
  /** What to do; one sentence. */
  readonly todo?: string
}

export const fine = (name: string, text: string): Check => ({ name, state: 'fine', text })
export const advice = (name: string, text: string, todo: string): Check => ({
  name,
  state: 'advice',
  text,
  todo,
})
export const problem = (name: string, text: string, todo: string): Check => ({
  name,
  state: 'problem',
  text,
  todo,
})
