import { organisation } from '../../governance/people/index.ts'
import type { Aggregate } from '../command.ts'

/** The one stream `organisation/main`. Its state is read where it stands; there is no table. */
export const organisations: Aggregate<
  organisation.State,
  organisation.Command,
  organisation.Event,
  organisation.Context
> = {
  name: 'organisation',
  initial: organisation.initial,
  decide: organisation.decide,
  evolve: organisation.evolve,
  project: async () => undefined,
}
