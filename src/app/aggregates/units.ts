import { unit } from '../../governance/people/index.ts'
import type { Aggregate } from '../command.ts'

/** The one stream `unit/tree`. Names stand in the table and in the sealed half of the entries. */
export const units: Aggregate<unit.State, unit.Command, unit.Event, unit.Context> = {
  name: 'unit',
  initial: unit.initial,
  decide: unit.decide,
  evolve: unit.evolve,
  project: async ({ tx, events }) => {
    for (const event of events) {
      if (event.e === 'unit.created')
        await tx.query('insert into units (id, parent_id, name) values ($1, $2, $3)', [
          event.unit,
          event.parent,
          event.sealed.name,
        ])
      if (event.e === 'unit.renamed')
        await tx.query('update units set name = $2 where id = $1', [event.unit, event.sealed.name])
      if (event.e === 'unit.moved')
        await tx.query('update units set parent_id = $2 where id = $1', [event.unit, event.parent])
    }
  },
}
