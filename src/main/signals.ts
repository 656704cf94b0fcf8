/** Resolves at the first request to stop: SIGINT, SIGTERM or SIGHUP. A second one ends the process at once. */
export function untilStopped(): Promise<NodeJS.Signals> {
  const signals: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP']
  return new Promise((resolve) => {
    let isFirst = true
    for (const signal of signals)
      process.on(signal, () => {
        if (!isFirst) process.exit(1)
        isFirst = false
        resolve(signal)
      })
  })
}
