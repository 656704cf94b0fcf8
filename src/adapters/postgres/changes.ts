import type { Changes } from '../../app/ports/changes.ts'
import { listen } from './listen.ts'
import type { Pool } from './pool.ts'

const channel = 'countersign_changes'

/** What the triggers of the database tell, by one connection that listens while somebody has subscribed. */
export function createChanges(pool: Pool): Changes {
  return {
    subscribe: (onChange) =>
      listen(pool, channel, (payload) => {
        const [kind, id = ''] = (payload ?? '').split(' ')
        if (kind === 'import' || kind === 'person' || kind === 'session') onChange({ k: kind, id })
        else onChange({ k: kind === 'log' ? 'log' : 'unknown' })
      }),
  }
}
