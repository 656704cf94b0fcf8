/** The folder of a demo organisation: one place, made and deleted by this installation alone. */
export type DemoFolder = {
  /** `begun`: made, but never filled to its end. `foreign`: something stands there that was not made here. */
  readonly look: () => 'none' | 'begun' | 'whole' | 'foreign'
  /** Throws when anything stands there already. */
  readonly create: () => void
  /** Deletes the folder whole; throws, and deletes nothing, when it was not made here. */
  readonly remove: () => Promise<void>
}

export type LaunchedDemo = {
  /** Resolves when the process has ended, with what it said last. */
  readonly ended: Promise<string>
  /** Asks it to stop, and waits until it has. */
  readonly stop: () => Promise<void>
}

export type DemoListener = {
  readonly step: (line: string) => void
  readonly ready: (at: { readonly origin: string; readonly gateway: string }) => void
}

export type DemoProcess = {
  /** Starts the demo in its folder: to fill it, or to serve what was filled. It never outlives this process. */
  readonly launch: (how: 'fill' | 'again', listener: DemoListener) => LaunchedDemo
}
