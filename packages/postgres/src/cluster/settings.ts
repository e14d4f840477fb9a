export interface ClusterSettings {
  readonly port: number
  readonly socketFolder: string
  readonly maxConnections: number
  /** Of the server: 15. */
  readonly major: number
  /** The user's, which go before ours. */
  readonly own: Readonly<Record<string, string>>
}

/** Settings that we need for ourselves. */
export const RESERVED_SETTINGS = [
  'config_file',
  'data_directory',
  'external_pid_file',
  'hba_file',
  'ident_file',
  'listen_addresses',
  'log_min_messages',
  'logging_collector',
  'port',
  'unix_socket_directories',
  'unix_socket_permissions',
] as const

/**
 * The text of a configuration file for a server that may lose everything at any moment, and loses nothing then.
 *
 * - `dynamic_shared_memory_type`: as `mmap` it lies in the data folder; segments of `posix` outlive a killed server.
 * - `wal_recycle`: segments that wait to be used again would be copied with each cluster. A new one need not be written
 *   full of zeros first (`wal_init_zero`): nobody counts on it after a crash.
 * - `log_min_messages`: `log` shows what a server says of itself, and no error that a test provokes.
 * - `autovacuum`: no worker may hold a template while it is cloned.
 */
export function settingsText({ port, socketFolder, maxConnections, major, own }: ClusterSettings): string {
  const minimal = (own['wal_level'] ?? 'minimal') === 'minimal'
  const settings: Record<string, string> = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: `"${socketFolder.replaceAll('"', '""')}"`,
    unix_socket_permissions: '0700',
    max_connections: String(maxConnections),
    fsync: 'off',
    full_page_writes: 'off',
    synchronous_commit: 'off',
    wal_level: 'minimal',
    ...(minimal && { max_wal_senders: '0' }),
    min_wal_size: '2MB',
    max_wal_size: '256MB',
    wal_init_zero: 'off',
    wal_recycle: 'off',
    checkpoint_timeout: '1h',
    dynamic_shared_memory_type: 'mmap',
    autovacuum: 'off',
    timezone: 'UTC',
    log_timezone: 'UTC',
    lc_messages: 'C',
    log_min_messages: 'log',
    log_checkpoints: 'off',
    log_min_error_statement: 'panic',
    logging_collector: 'off',
    log_destination: 'stderr',
    ...(major >= 18 && { io_method: 'sync' }),
    ...own,
  }
  return Object.entries(settings)
    .map(([name, value]) => `${name} = '${value.replaceAll('\\', '\\\\').replaceAll("'", "''")}'\n`)
    .join('')
}

/** Who may connect: over TCP with the password of the run; over the socket, whose folder only we can enter, anyone. */
export const HBA_TEXT = `local all all trust
host all all 127.0.0.1/32 scram-sha-256
`
