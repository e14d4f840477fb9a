import { parseModule } from 'magicast'

/** A line of `files` as it stands in a configuration. */
export interface FilesLine {
  readonly glob: string
  /** Undefined where it is no list of texts. */
  readonly claims: readonly string[] | undefined
  /** Where the property stands in the text, and its value. */
  readonly start: number
  readonly valueStart: number
  readonly end: number
}

/** Where a configuration says what files claim. */
export interface FilesPlace {
  readonly lines: readonly FilesLine[]
  /** The place behind the `{` of `files`; where there is no `files`, behind that of the options. */
  readonly open: number
  /** The place of the `}`. */
  readonly close: number
  readonly hasFiles: boolean
}

interface Node {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly [field: string]: unknown
}

/** Finds `files` of the only `lanes()` in a configuration; undefined where its form is not understood. */
export function findFiles(source: string): FilesPlace | undefined {
  let program: Node
  try {
    program = parseModule(source).$ast as unknown as Node
  } catch {
    return undefined
  }
  const nodes = [...walk(program)]
  const local = localName(nodes)
  const calls = nodes.filter(
    (node) => node.type === 'CallExpression' && local !== undefined && nameOf(node['callee']) === local,
  )
  const [options] = calls.length === 1 ? ((calls[0]!['arguments'] as Node[] | undefined) ?? []) : []
  if (options?.type !== 'ObjectExpression') return undefined
  const files = propertiesOf(options).find((property) => keyOf(property) === 'files')
  if (files === undefined)
    return { lines: [], open: options.start + 1, close: options.end - 1, hasFiles: false }
  const value = files['value'] as Node
  if (value.type !== 'ObjectExpression') return undefined
  const lines = propertiesOf(value).map(lineOf)
  if (lines.some((line) => line === undefined)) return undefined
  return { lines: lines as FilesLine[], open: value.start + 1, close: value.end - 1, hasFiles: true }
}

function* walk(node: Node): Generator<Node> {
  yield node
  for (const [field, value] of Object.entries(node)) {
    if (field === 'loc' || field === 'tokens' || field === 'comments' || field === 'original') continue
    for (const child of Array.isArray(value) ? (value as unknown[]) : [value])
      if (isNode(child)) yield* walk(child)
  }
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string'
}

/** What the plugin is called in this file. */
function localName(nodes: readonly Node[]): string | undefined {
  for (const node of nodes) {
    if (node.type !== 'ImportDeclaration' || (node['source'] as Node)['value'] !== 'vitest-lanes') continue
    for (const specifier of node['specifiers'] as Node[])
      if (nameOf(specifier['imported']) === 'lanes') return nameOf(specifier['local'])
  }
  return undefined
}

function nameOf(node: unknown): string | undefined {
  return isNode(node) && node.type === 'Identifier' ? String(node['name']) : undefined
}

function propertiesOf(object: Node): Node[] {
  return object['properties'] as Node[]
}

function keyOf(property: Node): string | undefined {
  const key = property['key']
  if (!isNode(key) || property['computed'] === true) return undefined
  return nameOf(key) ?? (typeof key['value'] === 'string' ? key['value'] : undefined)
}

function lineOf(property: Node): FilesLine | undefined {
  const glob = keyOf(property)
  const value = property['value']
  if (glob === undefined || !isNode(value)) return undefined
  return {
    glob,
    claims: textsIn(value),
    start: property.start,
    valueStart: value.start,
    end: property.end,
  }
}

function textsIn(list: Node): readonly string[] | undefined {
  if (list.type !== 'ArrayExpression') return undefined
  const texts = (list['elements'] as (Node | null)[]).map((element) => element?.['value'])
  return texts.every((text) => typeof text === 'string') ? texts : undefined
}
