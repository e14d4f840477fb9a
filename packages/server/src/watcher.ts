import type { StopSignal } from './server-record.ts'

/** What Node writes to the watcher's pipe: one line lets the server start, one says that it has ended. */
export const GO = 'go\n'
export const FAREWELL = 'bye\n'

/**
 * A shell script that becomes the server, `"$@"`, and leaves a watcher beside it. The watcher reads descriptor 3,
 * whose other end only Node holds: end of file without a farewell means that Node has died, however it died.
 * Nothing starts before the first line, so that Node has written the server down by then.
 *
 * - The watcher is an orphan on purpose: a child that PostgreSQL does not know, and that is killed, looks to it like a
 *   crashed backend (seen on 15 and 18).
 * - It remembers when the server started, so that it never signals another process with the same number.
 * - It ignores all signals that can be ignored, and holds none of the server's pipes.
 */
export function watcherScript(killSignal: StopSignal): string {
  const signal = killSignal.replace(/^SIG/, '')
  return `
started() {
  if [ -r /proc/$$/stat ]; then
    read -r stat < /proc/$$/stat || return
    set -- \${stat##*) }
    shift 19 && started_at=$1
  else
    started_at=$(ps -o lstart= -p $$)
  fi 2>/dev/null
}
lives() {
  started_at=
  started
  [ -n "$started_at" ] && [ "$started_at" = "$first" ]
}
watch() {
  trap '' HUP INT QUIT TERM PIPE
  while read -r line; do [ "$line" = bye ] && exit 0; done
  lives && kill -${signal} $$
  for _ in 1 2 3 4 5 6 7 8 9 10; do
    lives || exit 0
    sleep 0.5
  done
  lives && kill -KILL $$
}
read -r line <&3 || exit 0
started
first=$started_at
( watch <&3 3<&- 4<&- >/dev/null 2>&1 & )
exec 3<&-
exec "$@"
`
}
