import { createBarPainter } from './bars.ts'
import { createDetails } from './details.ts'
import { createDom } from './dom.ts'
import { createGrid } from './grid.ts'
import { createHub } from './hub.ts'
import { createModel } from './model.ts'
import { startPage } from './page.ts'
import type { Parts } from './page.ts'
import { createTables } from './tables.ts'
import { createTimeline } from './timeline.ts'
import { createWalk } from './walk.ts'

export type * from './types.ts'

const PARTS: Parts = {
  createBarPainter,
  createDetails,
  createDom,
  createGrid,
  createHub,
  createModel,
  createTables,
  createTimeline,
  createWalk,
}

/**
 * The script of the page: the source text of its parts. Each part refers to nothing outside of itself, so that no
 * bundler is needed.
 */
export const SCRIPT: string = `(${startPage.toString()})({\n${Object.entries(PARTS)
  .map(([name, part]) => `${name}: ${String(part)}`)
  .join(',\n')}\n})`
