export const PATTERNS = [] as const
