import { setImmediate as turn } from 'node:timers/promises'
import type { RecordFinding, RecordGuardShadow } from '../../app/ports/gateway.ts'
import type { Digest } from '../../kernel/index.ts'
import type { Finding } from '../../guard/finding.ts'
import { exposureOf, type Exposure } from '../../guard/tools/taint.ts'
import { injectionRules } from '../../guard/injection-finding.ts'
import { guardUnder, type Guard } from '../../guard/inspect.ts'
import type { Lane } from '../../guard/lane.ts'
import { dataClassOf } from '../../guard/tools/taint.ts'
import type { InArguments, Suspicion } from '../../guard/advice.ts'
import { trustedAs, type Channel, type Origin } from '../../guard/text.ts'
import type { Treatment } from '../../guard/treatment.ts'
import { dataClasses, type DataClass, type Json } from '../../kernel/index.ts'
import type { Dialect } from '../dialect/dialect.ts'
import { meantBy, numberSegment, toldPath } from '../dialect/place.ts'
import type { Segment, ToolCall } from '../dialect/reading.ts'
import { readExactTree } from '../wire/json.ts'
import { replaceStrings } from '../wire/splice.ts'
import { Policing } from './policing.ts'
import { canBeGivenBack, effectOf, type Effect, type Terms } from './effect.ts'
import { runsIn, withShares } from './across-parts.ts'
import { canBeAskedAbout, InCalls, isOrder, nothingInArguments, withFinding } from './in-arguments.ts'
import { FindingsOfCall } from './findings-of-call.ts'
import { LanguagesRead } from './languages-read.ts'
import { gapOf, keptGapOf, merged, withGaps, type Gap } from './mask.ts'
import type { SecondReader } from './second-reader.ts'
import { Suspicions, type Brought } from './suspicion.ts'
import { atOnce, TextReader } from './text-reader.ts'
import type { Reader, VerdictCache } from './verdict-cache.ts'

/** What is to become of the texts of a body. */
export type Judged = {
  /** Strings to be put in the place of others, by JSON pointer. */
  readonly edits: ReadonlyMap<string, string>
  readonly isBlocked: boolean
}

type Side = RecordFinding['side']
/** How a text may still be changed; one that was `released` not at all any more. */
type Stands = Segment['splice'] | 'released'

/** The guard over one call: everything that it finds, and what becomes of it. */
export class Inspection {
  readonly findings = new FindingsOfCall()
  readonly languages: LanguagesRead
  readonly #texts: TextReader
  readonly #terms: Readonly<Record<Side, Terms>>
  /** Whether the guard policy has moved thresholds of the scorer, or reads with other budgets. */
  readonly #areMoved: boolean
  #origin: Origin = { taint: 'trusted', isBelieved: false }
  readonly #policing: Policing | null
  readonly #found = new Map<Segment, readonly Finding[]>()
  /** What was found in parts of messages that are read as one. */
  readonly #ofParts = new Map<Segment, readonly Finding[]>()
  readonly #suspicions: Readonly<Record<Side, Suspicions>> = {
    input: new Suspicions(),
    output: new Suspicions(),
  }
  #second: SecondReader | null = null
  #broughtClass: DataClass | null = null
  #inArguments = nothingInArguments
  readonly #inCalls = new InCalls()

  /** `terms`: of the call; `sent`: of what goes to its target, where that may have less. */
  constructor(guard: Guard, terms: Terms, sent: Terms = terms) {
    this.#terms = { input: sent, output: terms }
    const { policy = null, canaries = null } = terms
    const reads = guardUnder(guard, policy?.inForce ?? null)
    this.#areMoved = reads !== guard
    this.languages = new LanguagesRead(guard)
    this.#texts = new TextReader(reads, canaries)
    this.#policing = policy === null ? null : new Policing(policy)
  }

  /** Whether the caller may be given back what is replaced of its request. */
  get isReversible(): boolean {
    const { isReversible, treatment } = this.#terms.input
    return isReversible === true && Object.values(treatment).includes('token')
  }

  /** The guard policy that was in force; null where what ships was. */
  get policy(): Digest | null {
    return this.#policing?.digest ?? null
  }

  /** What the guard policy in shadow would have said otherwise; null where there is none. */
  get shadow(): RecordGuardShadow | null {
    return this.#policing?.shadow ?? null
  }

  /**
   * What a model writes is believed no more than anything that it has read. `isWhole`: whether `segments` are all of the
   * conversation; what somebody else keeps of it is untrusted.
   */
  raiseTaint(segments: readonly Segment[], isWhole: boolean): void {
    const isUntrusted = !isWhole || segments.some(({ channel }) => untrustedSources.has(channel))
    this.#comesFrom({ ...this.#origin, taint: isUntrusted ? 'untrusted' : 'user' })
  }

  /** From now on results and documents are from a source that the guard policy names: it is believed like a user. */
  believe(): void {
    this.#comesFrom({ ...this.#origin, isBelieved: true })
  }

  #comesFrom(origin: Origin): void {
    this.#origin = origin
    this.#texts.readFrom(origin)
  }

  /** What the conversation of these segments has been exposed to; asked after they were judged. */
  exposure(segments: readonly Segment[], isWhole: boolean): Exposure {
    const read = segments.map((segment) => ({
      id: toldPath(segment.path),
      channel: segment.channel,
      findings: this.#found.get(segment) ?? nothing,
    }))
    return exposureOf(read, isWhole)
  }

  /** What of the conversation looks like an order to a model, for a call with these arguments. */
  suspicions(args: Json, segments: readonly Segment[]): readonly Suspicion[] {
    return this.#suspicions.input.about(args, segments)
  }

  /** What was found in arguments of calls that are decided before they leave. */
  get inArguments(): InArguments {
    return this.#inArguments
  }

  /** The same of one call of an answer; asked after `allowsArguments`. */
  inArgumentsOf(call: ToolCall): InArguments {
    return this.#inCalls.of(call, this.#inArguments)
  }

  /** How sure the guard is that something in the texts so far is an order to a model, 0 to 100. */
  get risk(): number {
    return Math.max(this.#suspicions.input.risk, this.#suspicions.output.risk)
  }

  /** What has been found in what came back since this was asked last, for whoever remembers what a caller was given. */
  takeBrought(): Brought {
    const dataClass = this.#broughtClass
    this.#broughtClass = null
    const { output } = this.#suspicions
    return { dataClass, suspects: output.take(), risk: output.risk }
  }

  /** Reads whole texts. */
  judge(side: Side, segments: readonly Segment[]): Judged {
    const edits = new Map<string, string>()
    let isBlocked = false
    if (side === 'input') this.#readAcross(segments)
    for (const segment of segments) {
      const { channel, text } = segment
      if (isReadWith(segment, edits)) continue
      let edited = this.#edited(side, segment, this.#ofParts.get(segment) ?? this.#find(channel, text))
      if (edited === null) continue
      for (let round = 0; edited !== blocked; round += 1) {
        const next = this.#again(side, channel, edited, this.#find(channel, edited), round)
        if (next === null) break
        edited = next
      }
      if (edited === blocked || !this.#canBePut(segment, edited)) isBlocked = true
      else edits.set(segment.path, edited)
    }
    return { edits, isBlocked }
  }

  /** The same for texts of any length: other calls have their turn meanwhile. */
  async judgeInTurns(side: Side, segments: readonly Segment[]): Promise<Judged> {
    const edits = new Map<string, string>()
    let isBlocked = false
    let length = 0
    if (side === 'input') await this.readAcrossInTurns(segments)
    for (const segment of segments) {
      const { channel, text } = segment
      length += text.length
      if (length > atOnce) await turn()
      if (length > atOnce) length = 0
      if (isReadWith(segment, edits)) continue
      const found = this.#ofParts.get(segment) ?? (await this.#findInTurns(channel, text))
      const edited = this.#edited(side, segment, found)
      if (edited === null) continue
      const settled = edited === blocked ? blocked : await this.#settled(side, channel, edited)
      if (settled === blocked || !this.#canBePut(segment, settled)) isBlocked = true
      else edits.set(segment.path, settled)
    }
    return { edits, isBlocked }
  }

  /** Reads parts of messages of a request as the one text that a model reads, before each of them is cut. */
  async readAcrossInTurns(segments: readonly Segment[]): Promise<void> {
    let length = 0
    for (const run of runsIn(segments)) {
      const own: (readonly Finding[])[] = []
      for (const { channel, text } of run.parts) {
        length += 2 * text.length // each is read once more with the others
        if (length > atOnce) await turn()
        if (length > atOnce) length = 0
        own.push(await this.#findInTurns(channel, text))
      }
      const joined = await this.#findInTurns(run.channel, run.text)
      for (const [n, found] of withShares(run, own, joined).entries()) this.#keepOfPart(run.parts[n], found)
    }
  }

  #readAcross(segments: readonly Segment[]): void {
    for (const run of runsIn(segments)) {
      const own = run.parts.map(({ channel, text }) => this.#find(channel, text))
      const joined = this.#find(run.channel, run.text)
      for (const [n, found] of withShares(run, own, joined).entries()) this.#keepOfPart(run.parts[n], found)
    }
  }

  #keepOfPart(part: Segment | undefined, found: readonly Finding[]): void {
    if (part !== undefined) this.#ofParts.set(part, found)
  }

  /** Short texts at once, so that nothing has to wait for a turn of the event loop; long ones in turns. */
  judgeByLength(side: Side, segments: readonly Segment[]): Judged | Promise<Judged> {
    const length = segments.reduce((sum, { text }) => sum + text.length, 0)
    return length <= atOnce ? this.judge(side, segments) : this.judgeInTurns(side, segments)
  }

  /** What must not leave of a text, in order; `blocked`: nothing of it may. */
  async cut(side: Side, segment: Segment): Promise<readonly Gap[] | typeof blocked> {
    const { channel, text } = segment
    const found = this.#ofParts.get(segment) ?? (await this.#findInTurns(channel, text))
    return this.#gapsIn(side, segment, found)
  }

  /** A text of a request as it may be sent once it was changed; `blocked` when nothing of it may. */
  async settled(segment: Segment, edited: string): Promise<string | typeof blocked> {
    const settled = await this.#settled('input', segment.channel, edited)
    return settled === blocked || this.#canBePut(segment, settled) ? settled : blocked
  }

  async #settled(side: Side, channel: Channel, edited: string): Promise<string | typeof blocked> {
    let settled: string | typeof blocked = edited
    for (let round = 0; settled !== blocked; round += 1) {
      const next = this.#again(side, channel, settled, await this.#findInTurns(channel, settled), round)
      if (next === null) break
      settled = next
    }
    return settled
  }

  /** What is released of a text; null when all of it is. */
  #edited(side: Side, segment: Segment, findings: readonly Finding[]): string | typeof blocked | null {
    const gaps = this.#gapsIn(side, segment, findings)
    return gaps === blocked ? blocked : gaps.length === 0 ? null : withGaps(segment.text, gaps)
  }

  #gapsIn(side: Side, segment: Segment, findings: readonly Finding[]): readonly Gap[] | typeof blocked {
    const { path, channel } = segment
    const isRepeated = this.#isPast(side) && segment.repeated !== undefined
    const splice = isRepeated ? 'text' : segment.splice
    const effects = findings.map((finding) => this.note(side, path, channel, splice, finding, segment.text))
    if (findings.length > 0)
      this.#suspicions[side].note({ ...segment, channel: trustedAs(channel, this.#origin) }, findings)
    const left = findings.filter((_, n) => effects[n] === 'none')
    if (side === 'input' && left.length > 0) this.#found.set(segment, left)
    if (side === 'output' && left.length > 0) this.#broughtClass = higherClass(this.#broughtClass, left)
    if (effects.includes('blocked')) return blocked
    const gaps = findings
      .filter((_, n) => effects[n] === 'redacted')
      .map((finding) => (canBeGivenBack(finding, this.#terms[side]) ? keptGapOf(finding) : gapOf(finding)))
    return gaps.length === 0 ? [] : merged(gaps)
  }

  /**
   * What becomes of a text that was changed: taking something out may put two halves together. Null when it is clean.
   * Windows of words are others than they were, so that an order may have to be taken out once more.
   */
  #again(
    side: Side,
    channel: Channel,
    edited: string,
    findings: readonly Finding[],
    round: number,
  ): string | typeof blocked | null {
    const effects = findings.map((finding) => this.#effectIn(side, channel, 'text', finding))
    const left = findings.filter((_, n) => effects[n] !== 'none')
    if (left.length === 0) return null
    const isWorthIt = round < mostRounds && !effects.includes('blocked')
    if (!isWorthIt || left.some(({ kind }) => kind !== 'injection')) return blocked
    return withGaps(edited, merged(left.map(gapOf)))
  }

  /** What an API says in the place of an answer, read like one; null when it may not leave either. */
  cleaned({ readAnswer }: Pick<Dialect, 'readAnswer'>, body: string): string | null {
    const read = readExactTree(body)
    const answer = read.ok ? readAnswer(read.tree) : null
    if (!read.ok || answer === null) return null
    const segments = [...answer.reading.segments, ...read.numbers.map(numberSegment)]
    const { edits, isBlocked } = this.judge('output', segments)
    return isBlocked ? null : replaceStrings(body, edits)
  }

  /**
   * Whether the arguments of `calls` may leave if whoever decides about each call has heard what was found in them. Nothing
   * in them is ever changed.
   */
  allowsArguments(calls: readonly ToolCall[]): boolean {
    const all = this.#inArguments
    // INVARIANT: what is to be decided belongs to a call that is decided.
    if (calls.length === 0) return all === nothingInArguments
    return calls.every((call, n) => {
      const [at, { name, args }] = [`/calls/${n}`, call]
      const written: Segment = { path: at, channel: 'tool_args', text: args, splice: 'call' }
      const named: Segment = { ...written, text: name }
      this.#inArguments = nothingInArguments
      const { isBlocked } = this.judge('output', [named, written, ...meantBy(args, at)])
      this.#inCalls.set(call, this.#inArguments)
      this.#inArguments = all
      return !isBlocked
    })
  }

  /** Has a second reader look at what is doubtful in texts that are judged afterwards. No long text is read twice for it. */
  async consult(reader: SecondReader, segments: readonly Segment[]): Promise<void> {
    this.#texts.remember(segments.length)
    const read: { text: string; findings: readonly Finding[] }[] = []
    for (const { channel, text } of segments)
      read.push({ text, findings: await this.#texts.findInTurns(channel, text) })
    await reader.consult(read)
    this.#second = reader
  }

  /** From now on what was found in earlier calls of a deployment is not looked for again. */
  recall(verdicts: VerdictCache, reader: Reader): void {
    // What is remembered was found under the thresholds that ship.
    if (!this.#areMoved) this.#texts.recall(verdicts, reader)
  }

  /** From now on a text that comes again is not read again. */
  remember(): void {
    this.#texts.remember()
  }

  /** Whether something is done about an order to a model in an answer, so that a stream may have to wait for a window. */
  heedsOrders(channel: Channel, splice: Segment['splice']): boolean {
    return this.#effectIn('output', channel, splice, sureOrder) !== 'none'
  }

  /** A lane for text that comes in pieces. */
  lane(channel: Channel): Lane {
    return this.#texts.lane(channel)
  }

  /** Notes a finding and answers what becomes of it. */
  note(
    side: Side,
    path: string,
    channel: Channel,
    splice: Stands,
    finding: Finding,
    text: string | null = null,
  ): Effect {
    const effect = this.#effectIn(side, channel, splice, finding)
    if (this.#isDecided(side, splice) && effect === 'none') {
      const wanted = this.#wanted(channel, finding, this.#terms[side])
      this.#inArguments = withFinding(this.#inArguments, finding, { wanted, taint: this.#origin.taint })
    }
    const window = () => (text === null ? undefined : this.#policing?.windowOf(channel, text, finding))
    this.findings.add(finding, { side, path: toldPath(path), channel, origin: this.#origin, effect, window })
    return effect
  }

  /**
   * What becomes of a finding where it stands: what cannot be changed is stopped. A call that is decided is decided with
   * what would be taken out of another text. Orders to a model are only told in a call that was decided before, and in
   * thoughts that are signed, as nobody acts on a thought but by a call.
   */
  #effectIn(side: Side, channel: Channel, splice: Stands, finding: Finding): Effect {
    const wanted = this.#wanted(channel, finding, this.#terms[side])
    if (channel === 'tool_args' && isOrder(finding)) {
      if (this.#isPast(side) || this.#isDecided(side, splice)) return 'none'
    }
    if (wanted !== 'redacted' || splice === 'text') return wanted
    if (canBeAskedAbout(finding) && this.#isDecided(side, splice)) return 'none'
    return channel === 'reasoning' && splice === 'sealed' && isOrder(finding) ? 'none' : 'blocked'
  }

  /** What is to become of a finding, wherever it stands. */
  #wanted(channel: Channel, finding: Finding, terms: Terms): Effect {
    return effectOf(finding, trustedAs(channel, this.#origin), this.#origin.taint, terms)
  }

  /** Whether a text may stand in the place of a segment: JSON has to be JSON, and mean nothing that has to be taken out. */
  #canBePut({ repeated, channel, path }: Segment, edited: string): boolean {
    if (repeated !== 'json') return true
    if (!readExactTree(edited).ok) return false
    return meantBy(edited, path).every((meant) =>
      this.#find(channel, meant.text).every(
        (found) => this.#effectIn('input', channel, 'call', found) === 'none',
      ),
    )
  }

  /** Whether calls of tools are those that a request repeats: they were decided when they left. */
  #isPast(side: Side): boolean {
    return side === 'input' && this.#terms.input.decidesCalls !== true
  }

  /** Whether a text is of a call that somebody decides about with what was found in it. */
  #isDecided(side: Side, splice: Stands): boolean {
    return splice === 'call' && !this.#isPast(side)
  }

  /** What is left of the findings of a text under the guard policy; `text` is null while it comes in pieces. */
  left(channel: Channel, text: string | null, findings: readonly Finding[]): readonly Finding[] {
    if (this.#policing === null || findings.length === 0) return findings
    const isAnswer = answers.has(channel) || this.#origin.isBelieved // which is known of what comes back only
    const terms = this.#terms[isAnswer ? 'output' : 'input']
    const under = (treatment: Treatment) => (finding: Finding) =>
      this.#wanted(channel, finding, { ...terms, treatment })
    return this.#policing.left({ channel, text, ...this.#origin }, findings, {
      effectOf: under(terms.treatment),
      shadowEffectOf: under(terms.shadowTreatment ?? terms.treatment),
    })
  }

  /** What is left once a second reader, and then the guard policy, have said what they say. */
  #counted(channel: Channel, text: string, findings: readonly Finding[]): readonly Finding[] {
    const read =
      findings.length === 0 ? findings : (this.#second?.applied(channel, text, findings) ?? findings)
    return this.left(channel, text, read)
  }

  #find(channel: Channel, text: string): readonly Finding[] {
    return this.#counted(channel, text, this.#texts.find(channel, text))
  }

  async #findInTurns(channel: Channel, text: string): Promise<readonly Finding[]> {
    return this.#counted(channel, text, await this.#texts.findInTurns(channel, text))
  }
}

function higherClass(known: DataClass | null, findings: readonly Finding[]): DataClass | null {
  const found = dataClassOf(findings)
  if (found === null || known === null) return found ?? known
  return dataClasses.indexOf(found) > dataClasses.indexOf(known) ? found : known
}

/** Whether a text is what another one means that was changed: that was read as it is meant once more. */
export function isReadWith(
  { meantAt }: Segment,
  edits: { readonly has: (path: string) => boolean },
): boolean {
  return meantAt !== undefined && edits.has(meantAt)
}

/** Nothing of a text may leave. */
export const blocked = Symbol('blocked')

const sureOrder: Finding = {
  rule: injectionRules.high,
  kind: 'injection',
  severity: 'high',
  sureness: 'certain',
  band: 'high',
  start: 0,
  end: 0,
}

/** How often an order is taken out of a text before nothing of it is sent. */
const mostRounds = 4
const nothing: readonly Finding[] = []
const untrustedSources: ReadonlySet<Channel> = new Set(['document', 'tool_result', 'unknown'])
const answers: ReadonlySet<Channel> = new Set(['model', 'reasoning', 'tool_args'])
