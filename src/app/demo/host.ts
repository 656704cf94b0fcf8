import { AppError } from '../../kernel/index.ts'
import type { UserId } from '../../kernel/index.ts'
import type { DemoFolder, DemoProcess, LaunchedDemo } from '../ports/demo.ts'
import type { Query } from '../ports/query.ts'
import {
  evolve,
  found,
  objectionsTo,
  type Command,
  type Event,
  type Hindrance,
  type State,
} from './lifecycle.ts'

export type DemoView = {
  readonly state: State
  readonly hindrance: Hindrance | null
  readonly isEmpty: boolean
}

/** The demo organisation beside this installation: a process of its own in a folder of its own. */
export type DemoHost = {
  readonly read: () => Promise<DemoView>
  /** Each begins and returns; `read` says how far it has come. */
  readonly command: (command: Command, by: UserId | null) => Promise<void>
  /** Stops the demo; its folder stays. */
  readonly close: () => Promise<void>
}

export type DemoHostPorts = {
  readonly query: Query
  readonly folder: DemoFolder
  readonly process: DemoProcess
  readonly hindrance: Hindrance | null
  readonly log: (message: string) => void
}

export function createDemoHost({ query, folder, process, hindrance, log }: DemoHostPorts): DemoHost {
  let state: State = found(folder.look())
  let launched: LaunchedDemo | null = null
  let isClosing = false
  const note = (event: Event) => {
    state = evolve(state, event)
  }
  const watch = async (child: LaunchedDemo) => {
    const why = await child.ended
    if (launched === child) launched = null
    if (!isClosing) note({ e: 'ended', why })
  }
  const launch = (how: 'fill' | 'again') => {
    const child = process.launch(how, {
      step: (line) => note({ e: 'step', line }),
      ready: (at) => note({ e: 'ready', ...at }),
    })
    launched = child
    void watch(child)
  }
  const stop = async () => {
    await launched?.stop()
    launched = null
  }
  const load = async () => {
    note({ e: 'load_begun' })
    try {
      if (folder.look() !== 'none') await folder.remove()
      folder.create()
      launch('fill')
    } catch (error) {
      note({ e: 'ended', why: textOf(error) })
    }
  }
  const remove = async () => {
    note({ e: 'remove_begun' })
    try {
      await stop()
      await folder.remove()
      note({ e: 'removed' })
    } catch (error) {
      note({ e: 'remove_failed', why: textOf(error) })
    }
  }
  const act: { readonly [C in Command]: () => Promise<void> } = {
    load,
    start: async () => {
      note({ e: 'start_begun' })
      launch('again')
    },
    remove,
  }
  return {
    read: async () => ({ state, hindrance, isEmpty: await isEmpty(query) }),
    command: async (command, by) => {
      const facts = { hindrance, isEmpty: await isEmpty(query) }
      const reasons = objectionsTo(state, command, facts)
      if (reasons.length > 0) throw new AppError('REFUSED', undefined, { reasons })
      log(`demo organisation: ${command}, asked for by ${by ?? 'the system'}`)
      void act[command]() // its outcome is a state
    },
    close: async () => {
      isClosing = true
      await stop()
    },
  }
}

/** Whether nothing is governed here yet. */
async function isEmpty(query: Query): Promise<boolean> {
  const [row] = await query<{ yes: boolean }>('select not exists (select 1 from use_cases) as yes')
  return row?.yes ?? false
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : 'unknown error'
}

/** Where nothing could start one. */
export function withoutDemo(query: Query): DemoHost {
  return createDemoHost({
    query,
    folder: { look: () => 'none', create: () => undefined, remove: async () => undefined },
    process: {
      launch: () => {
        throw new Error('there is no program to start')
      },
    },
    hindrance: 'off',
    log: () => undefined,
  })
}
