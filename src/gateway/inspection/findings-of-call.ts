import type { RecordFinding } from '../../app/ports/gateway.ts'
import type { Finding } from '../../guard/finding.ts'
import { classIn, classOf } from '../../guard/injection-lane.ts'
import type { Channel, Origin } from '../../guard/text.ts'
import type { Digest } from '../../kernel/index.ts'
import type { Effect } from './effect.ts'

/** Where a finding stands, and what became of it. */
type Place = Pick<RecordFinding, 'side' | 'path'> & {
  readonly channel: Channel
  readonly origin: Origin
  readonly effect: Effect
  /** Names the window of the text, for the guard policy; asked when a record is made. */
  readonly window: () => Digest | undefined
}

type Noted = {
  readonly finding: RecordFinding
  readonly window: Place['window']
  /** As records tell it, once one has: several are made of a call. */
  recorded: RecordFinding | null
}

/** Most findings that a record tells one by one, and that are kept to choose from. */
const [mostTold, mostKept] = [16, 256]
const severityOrder = ['critical', 'high', 'medium', 'low', 'info'] as const
const effectOrder = ['none', 'redacted', 'blocked'] as const

/** What was found in one call, as records tell it. */
export class FindingsOfCall {
  readonly #kept: Noted[] = []
  count = 0
  worst: Effect = 'none'

  add(finding: Finding, { side, path, channel, origin, effect, window }: Place): void {
    const { rule, kind, severity, sureness, start, end, score, z, canary } = finding
    this.count += 1
    if (effectOrder.indexOf(effect) > effectOrder.indexOf(this.worst)) this.worst = effect
    if (this.#kept.length >= mostKept) return
    const told: RecordFinding = {
      side,
      path,
      channel,
      rule,
      kind,
      severity,
      sureness,
      start,
      end,
      effect,
      // A record is hashed, and what is hashed has whole numbers only.
      ...(score === undefined ? {} : { scoreBp: Math.round(score * 10_000) }),
      ...(z === undefined ? {} : { zMilli: Math.round(z * 1_000), ...scoredAs(channel, origin) }),
      ...(canary === undefined ? {} : { canary }),
    }
    this.#kept.push({ finding: told, window, recorded: null })
  }

  /** The worst first. */
  get told(): readonly RecordFinding[] {
    return this.#kept
      .toSorted(
        (a, b) => severityOrder.indexOf(a.finding.severity) - severityOrder.indexOf(b.finding.severity),
      )
      .slice(0, mostTold)
      .map((noted) => (noted.recorded ??= withWindow(noted)))
  }

  /** Rules that have found something worth telling. */
  get rules(): readonly string[] {
    return [
      ...new Set(
        this.#kept.flatMap(({ finding: { sureness, rule } }) => (sureness === 'possible' ? [] : [rule])),
      ),
    ]
  }
}

function withWindow({ finding, window: nameOf }: Noted): RecordFinding {
  const window = nameOf()
  return window === undefined ? finding : { ...finding, window }
}

/** By whose thresholds a text was scored: that of its channel goes without saying. */
function scoredAs(channel: Channel, origin: Origin): Pick<RecordFinding, 'scoredAs'> {
  const channelClass = classIn(channel, origin)
  return channelClass === null || channelClass === classOf[channel] ? {} : { scoredAs: channelClass }
}
