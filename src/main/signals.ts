/** Ctrl-C reaches the whole process group, and each wrapper passes it on: within this time it is one request. */
const echoMs = 1_000

/** Resolves at the first request to stop: SIGINT, SIGTERM or SIGHUP. A second one ends the process at once. */
export function untilStopped(): Promise<NodeJS.Signals> {
  const signals: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP']
  // A process that ends by itself gives up its handlers first, and an echo in that moment would kill it. `exit` keeps
  // them to the last. By then everything is written: what is pending puts this event off.
  process.once('beforeExit', () => process.exit())
  return new Promise((resolve) => {
    let askedAt: number | null = null
    for (const signal of signals)
      process.on(signal, () => {
        if (askedAt !== null && performance.now() - askedAt > echoMs) process.exit(1)
        askedAt ??= performance.now()
        resolve(signal)
      })
  })
}
