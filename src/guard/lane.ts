import { leaksInViews } from './canary/views.ts'
import { canaryRule, CanaryLane, type CanaryMatch, type CanaryWatch } from './canary/watch.ts'
import type { Finding, FindingKind, Severity } from './finding.ts'
import { trustOf } from './finding.ts'
import { Covered } from './covered.ts'
import { classOf, InjectionLane } from './injection-lane.ts'
import type { ChannelClass } from './injection/scorer.ts'
import { injectionsInViews } from './injection-views.ts'
import { injectionFinding } from './injection-finding.ts'
import { Readings } from './normalise/readings.ts'
import type { Guard } from './inspect.ts'
import { HiddenScan } from './rules/hidden.ts'
import { addressTriggers, linkTrigger } from './rules/address.ts'
import { imageLinkTrigger } from './rules/image-link.ts'
import { isHeard } from './rules/rule.ts'
import { LaneScan, type Match } from './stream/lane-scan.ts'
import { unboundedCandidate } from './stream/live-candidates.ts'
import type { Channel } from './text.ts'
import { incompleteViews, readViews } from './views.ts'

/**
 * One text of a channel, read by every detector in pieces of any size.
 * INVARIANT: findings, joined where they touch, depend on the text alone, not on its pieces.
 */
export class Lane {
  readonly #guard: Guard
  readonly #channel: Channel
  readonly #scan: LaneScan
  readonly #hidden = new HiddenScan()
  /** What people write to an assistant hides nothing from its reader; what others have written may. */
  readonly #mayHide: boolean
  readonly #watch: CanaryWatch | null
  readonly #canaries: CanaryLane | null
  readonly #injections: InjectionLane | null
  readonly #class: ChannelClass | null
  /** Whether views of the whole are read when it is over. */
  readonly #readsWhole: boolean
  #isOver = false
  /** What was read, for views of the whole; null when it is more than is kept. */
  #pieces: string[] | null
  #found: Match[] = []
  #early: readonly Finding[] = none
  #late: readonly Finding[] = none
  readonly #covered = new Covered()

  /**
   * `watch`: the canaries that are looked for; null when there are none. `channelClass`: by whose thresholds it is scored,
   * null for none.
   */
  constructor(
    guard: Guard,
    channel: Channel,
    watch: CanaryWatch | null = null,
    channelClass: ChannelClass | null = classOf[channel],
  ) {
    this.#guard = guard
    this.#channel = channel
    this.#scan = new LaneScan(guard.plan)
    this.#mayHide = channel !== 'user' && channel !== 'system'
    this.#watch = watch
    this.#canaries = watch === null ? null : new CanaryLane(watch, channel)
    const { injection } = guard
    this.#class = channelClass
    this.#injections =
      injection === null || channelClass === null ? null : new InjectionLane(injection, channelClass)
    this.#readsWhole = this.#mayHide || this.#injections !== null
    this.#pieces = this.#readsWhole ? [] : null
  }

  /** How many UTF-16 units were read. */
  get consumed(): number {
    return this.#scan.consumed
  }

  /** How many of them, from the beginning, can be part of no finding that is still to come. */
  get safe(): number {
    if (this.#isOver) return this.#scan.consumed
    const safe = Math.min(this.#scan.safe, this.#hidden.safe)
    return this.#canaries === null ? safe : Math.min(safe, this.#canaries.safe)
  }

  /** How many of them, from the beginning, are in no window that is still to be scored; the head is left out. */
  get scoredTo(): number {
    return this.#injections?.safe ?? this.#scan.consumed
  }

  /** The largest score of the text as it stands, whatever its language; null where nothing was scored. */
  get bestZ(): number | null {
    const best = this.#injections?.best ?? Number.NEGATIVE_INFINITY
    return Number.isFinite(best) ? best : null
  }

  push(text: string): void {
    if (this.#pieces !== null) this.#keep(this.#pieces, text)
    if (this.#scan.push(text)) this.#hidden.pass(text.length)
    else this.#hidden.push(text)
    this.#canaries?.push(text)
    this.#injections?.push(text)
  }

  end(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#scan.end()
    this.#hidden.end()
    this.#canaries?.end()
    this.#injections?.end()
    this.#readWhole()
    this.#pieces = null
  }

  /** What can be said only now; what was found in the same place already is not said again. */
  #readWhole(): void {
    const { consumed } = this
    if (this.#channel === 'tool_def' && consumed > longestDescription)
      this.#found.push({
        rule: longDescription,
        sureness: 'likely',
        start: longestDescription,
        end: consumed,
      })
    if (!this.#readsWhole) return
    if (this.#pieces === null) return this.#tellUnread()
    if (consumed < shortestView) return
    const readings = new Readings(this.#pieces.join(''), this.#guard.budgets)
    const injections = this.#injectionsInViews(readings)
    const views = this.#mayHide ? this.#readViews(readings) : none
    if (!readings.isComplete) this.#tellUnread()
    if (views.length + injections.length === 0) return
    this.#early = this.take()
    const late = views.map((match) => this.#findingOf(match))
    // A rule that has found the same says more than a score.
    const scored = injections.filter(({ kind, start, end }) =>
      late.every((found) => found.kind !== kind || found.end <= start || end <= found.start),
    )
    this.#late = [...late, ...scored].filter((finding) => !this.#covered.has(finding))
  }

  #tellUnread(): void {
    this.#found.push({ rule: incompleteViews, sureness: 'possible', start: 0, end: this.consumed })
  }

  #readViews(readings: Readings): readonly CanaryMatch[] {
    const leaks = this.#watch === null ? none : leaksInViews(this.#watch, this.#channel, readings)
    if (!readings.asksForMore) return leaks
    return [...readViews(this.#guard, readings).filter(({ rule }) => this.#isHeard(rule)), ...leaks]
  }

  #injectionsInViews(readings: Readings): readonly Finding[] {
    const [channelClass, { injection }] = [this.#class, this.#guard]
    if (this.#injections === null || channelClass === null || injection === null) return none
    const { best } = this.#injections
    return injectionsInViews(injection, channelClass, readings, best).map((match) =>
      injectionFinding(match, this.#channel),
    )
  }

  #keep(pieces: string[], text: string): void {
    if (this.consumed + text.length > longestKept) this.#pieces = null
    else pieces.push(text)
  }

  /** The findings since the last time. A long one comes in pieces that touch. */
  take(): readonly Finding[] {
    const [scanned, hidden] = [this.#scan.take(), this.#hidden.take()]
    const canaries = this.#canaries?.take() ?? none
    const windows = this.#injections?.take() ?? none
    const count = scanned.length + hidden.length + this.#found.length + canaries.length + windows.length
    if (count + this.#early.length + this.#late.length === 0) return none
    const matches = [...scanned, ...hidden, ...this.#found, ...canaries]
    const found = [
      ...matches.filter(({ rule }) => this.#isHeard(rule)).map((match) => this.#findingOf(match)),
      ...windows.map((match) => injectionFinding(match, this.#channel)),
    ]
    // What only may be an order says nothing against a view that surely is one.
    for (const finding of found) if (finding.band !== 'flag') this.#covered.add(finding)
    const all = [...this.#early, ...found, ...this.#late]
    this.#found = []
    this.#early = this.#late = none
    return all
  }

  #isHeard(rule: string): boolean {
    const phrase = this.#guard.rules.get(rule)
    if (phrase !== undefined) return isHeard(phrase, this.#channel)
    if (rule === linkTrigger.rule) return this.#channel === 'model'
    return rule !== sendRule || untrustedSources.has(this.#channel)
  }

  #findingOf(match: CanaryMatch): Finding {
    const { rule, sureness, start, end } = match
    const via = match.via === undefined ? {} : { via: match.via }
    const phrase = this.#guard.rules.get(rule)
    const isBelieved = trustOf[this.#channel] !== 'untrusted'
    if (phrase !== undefined)
      return {
        kind: phrase.kind,
        severity: phrase.severity[isBelieved ? 'user' : 'untrusted'],
        rule,
        sureness,
        start,
        end,
        ...via,
      }
    const canary = match.canary === undefined ? {} : { canary: match.canary }
    const judged = kindAndSeverityOf(match, this.#channel, isBelieved)
    return { ...judged, rule, sureness, start, end, ...via, ...canary }
  }
}

/** A description that nobody reads to its end. */
export const longDescription = 'tool.long-description'
const longestDescription = 4_000
const sendRule = 'command.send-to'
/** Where nobody has asked for orders. */
const untrustedSources: ReadonlySet<Channel> = new Set(['document', 'tool_result', 'unknown'])
const told = new Set(addressTriggers.map(({ rule }) => rule))
const none: readonly never[] = []
/** UTF-16 units of a lane that are kept for views of the whole; no view says anything about fewer than the least. */
const [longestKept, shortestView] = [4_194_304, 8]

function kindAndSeverityOf(
  { rule, sureness }: CanaryMatch,
  channel: Channel,
  isBelieved: boolean,
): { kind: FindingKind; severity: Severity } {
  if (rule === incompleteViews) return { kind: 'opaque', severity: 'low' }
  if (rule === unboundedCandidate) return { kind: 'opaque', severity: 'medium' }
  if (rule === longDescription) return { kind: 'tool_poisoning', severity: 'low' }
  if (rule === sendRule) return { kind: 'structure', severity: 'low' }
  // A link or a host may be harmless: it is told, and left as it is.
  if (told.has(rule)) return { kind: 'exfiltration', severity: 'low' }
  if (rule === 'hidden.marks') return { kind: 'hidden', severity: 'low' }
  if (rule.startsWith(`${canaryRule}.`)) return { kind: 'canary', severity: 'critical' }
  if (rule.startsWith('hidden.')) return { kind: 'hidden', severity: isBelieved ? 'medium' : 'high' }
  if (rule === imageLinkTrigger.rule)
    return { kind: 'exfiltration', severity: channel === 'user' ? 'low' : 'medium' }
  if (rule.startsWith('secret.'))
    return {
      kind: 'secret',
      severity: sureness === 'certain' ? 'critical' : sureness === 'likely' ? 'high' : 'low',
    }
  return {
    kind: 'pii',
    severity: sureness === 'certain' ? 'high' : sureness === 'likely' ? 'medium' : 'info',
  }
}
