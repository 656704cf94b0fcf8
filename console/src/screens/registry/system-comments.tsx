import { Comments } from '../collaboration/comments.tsx'
import type { SystemView } from './system.tsx'

/** What colleagues say about a system. */
export function SystemComments({ system }: { readonly system: SystemView }) {
  return <Comments subject={{ k: 'system', id: system.id }} />
}
