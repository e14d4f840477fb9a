import type { RunRecord } from '@vitest-lanes/core'
import { analyse } from '../analysis/analyse.ts'
import { SCRIPT } from './client/index.ts'
import { escapeHtml, scriptJson } from './escape.ts'
import { pageData } from './page-data.ts'
import { chainList, gainBox, tiles } from './parts.ts'
import { STYLES } from './styles.ts'

export interface TimelineOptions {
  /** What comes before a file's path in links to it. Default `../`: the page lies in a folder of the root. */
  readonly base?: string
}

// Nothing is fetched, whatever a file's name or a message may contain.
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'"

/** A run as one self-contained HTML page. */
export function timelinePage(record: RunRecord, { base = '../' }: TimelineOptions = {}): string {
  // The page makes its own table of files.
  const analysis = analyse(record, { mostFiles: 0 })
  const title = `vitest-lanes: ${record.outcome} · ${record.startedAt.slice(0, 16).replace('T', ' ')}`
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<title>${escapeHtml(title)}</title>
<style>${STYLES}</style>
</head>
<body>
<header>
<h1>vitest-lanes <span class="outcome ${record.outcome}">${record.outcome}</span></h1>
<p class="facts">${escapeHtml(factsOf(record))}</p>
<button id="theme" type="button">Light / dark</button>
</header>
<main>
<section class="tiles" aria-label="Figures">${tiles(analysis)}</section>
<div class="boxes">${gainBox(analysis)}${chainList(analysis, record)}</div>
<section aria-labelledby="timeline-title">
<div class="bar-of-tools">
<h2 id="timeline-title">Timeline</h2>
<span class="tools">
<label><input id="show-chain" type="checkbox" checked> highlight the chain</label>
<button id="zoom-out" type="button" aria-label="Zoom out" disabled>−</button>
<button id="zoom-in" type="button" aria-label="Zoom in">+</button>
<button id="zoom-fit" type="button">Fit</button>
</span>
</div>
<p class="hint" id="timeline-help"><span>Arrow keys go from bar to bar, <kbd>Enter</kbd> keeps the details open, <kbd>+</kbd> <kbd>−</kbd> <kbd>0</kbd> zoom.</span></p>
<div id="timeline" class="with-chain"><div id="canvas"><div id="axis" aria-hidden="true"></div>
<div id="rows" role="grid" aria-labelledby="timeline-title" aria-describedby="timeline-help" aria-readonly="true"></div></div></div>
<ul class="legend" aria-label="Legend"><li class="passed">passed</li><li class="failed">failed</li><li class="skipped">skipped</li><li class="cancelled">cancelled</li><li class="opening">instances open</li><li class="starting">worker starts</li><li class="importing">imports</li><li class="running">tests</li><li class="exiting">worker exits</li><li class="chain">bounds the run</li></ul>
</section>
<section id="details" aria-labelledby="details-title" aria-live="polite" hidden>
<div class="bar-of-tools"><h2 id="details-title"></h2><button id="details-close" type="button" aria-label="Close the details">✕</button></div>
<div id="details-content"></div>
</section>
<section aria-labelledby="files-title">
<div class="bar-of-tools">
<h2 id="files-title">Files</h2>
<span class="tools">
<label class="hidden" for="search">Filter files by name</label><input id="search" type="search" placeholder="filter by name">
<label class="hidden" for="outcome">Outcome</label><select id="outcome"><option value="">any outcome</option></select>
<label class="hidden" for="resource">Resource</label><select id="resource"><option value="">any resource</option></select>
<output id="matches" for="search outcome resource"></output>
</span>
</div>
<div id="files"></div>
</section>
<section aria-labelledby="resources-title"><h2 id="resources-title">Resources by contention</h2><div id="resources"></div></section>
<section aria-labelledby="findings-title"><h2 id="findings-title">Findings</h2><div id="findings"></div></section>
<noscript><p>The timeline and the tables are drawn by a script in this page.</p></noscript>
</main>
<div id="tip" aria-hidden="true" hidden></div>
<script type="application/json" id="data">${scriptJson(pageData(record, analysis, base))}</script>
<script>${SCRIPT}</script>
</body>
</html>
`
}

function factsOf(record: RunRecord): string {
  const shard = record.shard === undefined ? [] : [`shard ${record.shard.index}/${record.shard.count}`]
  return [
    record.startedAt.slice(0, 19).replace('T', ' '),
    ...shard,
    `Vitest ${record.vitest}`,
    `Node ${record.node}`,
    `${record.platform}, ${record.cores} cores`,
    `run ${record.run}`,
  ].join(' · ')
}
