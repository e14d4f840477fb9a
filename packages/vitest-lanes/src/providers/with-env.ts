/**
 * An environment with variables on top. Options for Node.js add up: what the user's own ask for holds beside what a
 * provider needs, such as a module that is loaded first.
 */
export function withEnv(env: NodeJS.ProcessEnv, more: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const options = more['NODE_OPTIONS']
  if (options === undefined) return { ...env, ...more }
  // What a provider hands over begins with what Vitest's own process was given.
  const inherited = process.env['NODE_OPTIONS'] ?? ''
  const own = env['NODE_OPTIONS'] ?? ''
  const added = options.startsWith(inherited) ? options.slice(inherited.length) : options
  return { ...env, ...more, NODE_OPTIONS: `${own} ${added.trim()}`.trim() }
}

/** Variables of a lease with others on top. Here, too, options for Node.js add up. */
export function onTop(
  env: Readonly<Record<string, string>>,
  more: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const options = [env['NODE_OPTIONS'], more['NODE_OPTIONS']].filter((each) => each !== undefined)
  return { ...env, ...more, ...(options.length > 0 && { NODE_OPTIONS: options.join(' ') }) }
}
