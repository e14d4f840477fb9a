// Vitest loads no `vitest.workspace.ts` by itself (seen on 4.1 and 5.1): hand it on.
export { default } from './vitest.workspace.ts'
