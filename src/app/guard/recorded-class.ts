import { classOf } from '../../guard/injection-lane.ts'
import type { ChannelClass } from '../../guard/injection/scorer.ts'
import type { Channel } from '../../guard/text.ts'
import type { RecordFinding } from '../ports/gateway.ts'

/** By whose thresholds a recorded finding was scored; null where nothing is scored. */
export function recordedClass({
  channel,
  scoredAs,
}: Pick<RecordFinding, 'channel' | 'scoredAs'>): ChannelClass | null {
  return scoredAs ?? classOf[channel as Channel] // as the gateway wrote it
}
