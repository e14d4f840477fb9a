import type { ClusterMeta } from '../cluster/cluster-cache.ts'
import { removeTree } from '../cluster/remove-tree.ts'
import { launchKept, type Home, type LaunchOptions, type Live } from './launch.ts'
import { copyInitialised, initialKey } from './prepare-data.ts'
import type { Setting } from './setting.ts'

/**
 * Starts a server on a cluster as initdb makes it, out of the cache where that is kept; once more where no server starts on
 * what was kept.
 */
export async function launchInitial(
  setting: Setting,
  home: Home,
  options: LaunchOptions,
): Promise<{ readonly initial: ClusterMeta; readonly live: Live }> {
  const key = initialKey(setting)
  for (let isFirst = true; ; isFirst = false) {
    const initial = await copyInitialised(setting, home.data)
    try {
      return { initial, live: await launchKept(setting, home, { ...initial, key }, options) }
    } catch (error) {
      await removeTree(home.data)
      if (!isFirst || (await setting.cache.find(key)) !== undefined) throw error
    }
  }
}
