export type Task = {
  readonly name: string
  readonly everyMs: number
  readonly run: (signal: AbortSignal) => Promise<unknown>
}

type TaskLog = (level: 'error', message: string) => void

/** Runs each task again and again, beside the others; `stop` waits for those that are running. */
export function startTasks(tasks: readonly Task[], log: TaskLog): { readonly stop: () => Promise<void> } {
  const stopped = new AbortController()
  const running = tasks.map((task) => repeat(task, stopped.signal, log))
  return {
    stop: async () => {
      stopped.abort()
      await Promise.all(running)
    },
  }
}

/** Runs a task again and again; a failure is logged and the next run comes at its time. */
async function repeat(task: Task, signal: AbortSignal, log: TaskLog): Promise<void> {
  while (!signal.aborted) {
    try {
      await task.run(signal)
    } catch (error) {
      log('error', `the task \`${task.name}\` failed: ${error instanceof Error ? error.message : 'unknown'}`)
    }
    await pause(task.everyMs, signal)
  }
}

/** Waits, but not longer than until `signal` is aborted. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done)
    if (signal.aborted) done()
  })
}
