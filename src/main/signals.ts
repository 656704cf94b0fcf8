/** Ctrl-C reaches the whole process group, and each wrapper passes it on: within this time it is one request. */
const echoMs = 1_000

/** How long what a second request cuts short may still take. */
const hurryMs = 5_000

export type StopRequests = {
  /** The first request: SIGINT, SIGTERM or SIGHUP. */
  readonly stopped: Promise<NodeJS.Signals>
  /** The second one. From then on the process has five seconds; a third one ends it at once. */
  readonly hurried: Promise<void>
}

export function stopRequests(): StopRequests {
  const signals: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP']
  // A process that ends by itself gives up its handlers first, and an echo in that moment would kill it. `exit` keeps
  // them to the last. By then everything is written: what is pending puts this event off.
  process.once('beforeExit', () => process.exit())
  const stopped = Promise.withResolvers<NodeJS.Signals>()
  const hurried = Promise.withResolvers<void>()
  let [requests, askedAt] = [0, -Infinity]
  for (const signal of signals)
    process.on(signal, () => {
      if (performance.now() - askedAt <= echoMs) return
      askedAt = performance.now()
      requests += 1
      if (requests === 1) return stopped.resolve(signal)
      if (requests > 2) process.exit(1)
      setTimeout(() => process.exit(1), hurryMs).unref()
      hurried.resolve()
    })
  return { stopped: stopped.promise, hurried: hurried.promise }
}

/** Resolves at the first request to stop. A second one ends the process at once. */
export function untilStopped(): Promise<NodeJS.Signals> {
  const { stopped, hurried } = stopRequests()
  void hurried.then(() => process.exit(1))
  return stopped
}
