import { personOf } from '../../app/command.ts'
import type { DemoHost } from '../../app/demo/host.ts'
import type { Command } from '../../app/demo/lifecycle.ts'
import type { demoRoutes } from '../../contracts/routes/demo.ts'
import type { Handlers, Principal } from '../handler.ts'

/** The demo organisation beside this installation. Nothing of it is a fact of this installation, so nothing is recorded. */
export function demoHandlers<P extends Principal>(host: DemoHost): Handlers<typeof demoRoutes, P> {
  const begin = async (command: Command, caller: P) => {
    await host.command(command, personOf(caller))
    return {}
  }
  return {
    'demoOrganisation.read': async () => {
      const { state, ...rest } = await host.read()
      return { ...rest, state: state.k === 'loading' ? { k: state.k, steps: [...state.steps] } : state }
    },
    'demoOrganisation.load': async ({ caller }) => begin('load', caller()),
    'demoOrganisation.start': async ({ caller }) => begin('start', caller()),
    'demoOrganisation.remove': async ({ caller }) => begin('remove', caller()),
  }
}
