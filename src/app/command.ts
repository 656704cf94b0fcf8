import type { RecordedFact } from '../contracts/events.ts'
import type {
  Actor,
  AuthnContext,
  CommandId,
  Decided,
  EpochMs,
  Id,
  IdKind,
  IdSource,
  Json,
  JsonObject,
  Reason,
  UserId,
} from '../kernel/index.ts'
import { actorText, AppError, idFrom } from '../kernel/index.ts'
import type { Authority } from './access.ts'
import { tellOf } from './collaboration/notices.ts'
import type { Claim } from './ports/idempotency-store.ts'
import type { AppendEvent, Tx, UnitOfWork, Via } from './ports/unit-of-work.ts'

/** A decider with its name in stream ids and its projection into tables. */
export type Aggregate<S, C, E extends RecordedFact, X> = {
  readonly name: string
  readonly initial: S
  readonly decide: (state: S, command: C, context: X) => Decided<E>
  readonly evolve: (state: S, event: E) => S
  /**
   * Writes the rows that these events change; runs in the transaction of the command. It reads nothing but its
   * argument and its own rows, so that replay of the ledger gives the same rows.
   */
  readonly project: (change: Change<S, E>) => Promise<void>
}

export type Change<S, E> = {
  readonly tx: Tx
  readonly id: string
  readonly before: S
  readonly after: S
  readonly events: readonly E[]
  readonly now: EpochMs
}

/** Who runs a command, and through which door. */
export type Issuer = {
  readonly actor: Actor
  readonly authn: AuthnContext
  readonly channel: Via['channel']
  readonly authority: Authority
  /** Where the request came with an idempotency key: nothing is done once somebody else has claimed the key. */
  readonly claim?: Claim
  /** Only asks what a command would answer: it is decided and rolled back, and neither done nor kept as an attempt. */
  readonly isDry?: boolean
}

/** A dry command would be carried out now, as far as its missing proofs are given. */
export class DryRun extends Error {
  override readonly name = 'DryRun'
}

/** The person behind an issuer; null for a service account and for the system. */
export function personOf({ actor }: Pick<Issuer, 'actor'>): UserId | null {
  return actor.k === 'person' ? actor.ref : null
}

/** The system acting by itself: timers and the engine. */
export function systemIssuer(role: (Actor & { k: 'system' })['role'], now: EpochMs): Issuer {
  return {
    actor: { k: 'system', role },
    authn: { method: 'none', mfa: false, at: now },
    channel: 'system',
    authority: { k: 'system' },
  }
}

export type CommandPorts = {
  readonly unitOfWork: UnitOfWork
  readonly random: (bytes: number) => Uint8Array
  /** Keeps refused attempts, in a transaction of their own, since the refused one leaves nothing. */
  readonly refusalLog: (entry: RefusedAttempt) => Promise<void>
}

export type RefusedAttempt = {
  readonly issuer: Issuer
  readonly command: string
  readonly subject: string
  readonly reasons: readonly Reason[]
}

export const engine = 'countersign/1'

/**
 * The only way to change governed state: one transaction that locks, decides, projects and appends.
 * A refusal, of a decider or of a constraint behind it, rolls everything back, is kept, and rises as `REFUSED` with
 * every reason. Where only a proof is missing it rises as `STEP_UP_REQUIRED`, and is not kept.
 */
export async function runCommand<T>(
  ports: CommandPorts,
  issuer: Issuer,
  work: (work: Work) => Promise<T>,
): Promise<T> {
  let attempt: Attempt = { command: 'unknown', subject: 'unknown' }
  try {
    return await ports.unitOfWork.run(async (tx) => {
      const current = new Work(tx, await tx.now(), issuer, ports.random)
      try {
        const result = await work(current)
        if (issuer.isDry === true) throw new DryRun()
        await current.flush()
        return result
      } finally {
        attempt = current.attempt ?? attempt
      }
    })
  } catch (error) {
    if (error instanceof AppError && error.code === 'REFUSED' && issuer.isDry !== true)
      await ports.refusalLog({ issuer, ...attempt, reasons: error.reasons })
    throw error
  }
}

/**
 * Several commands in one transaction: all of them are recorded, each as a command of its own, or none. `next` begins
 * one; no two may touch the same stream.
 */
export async function runCommands<T>(
  ports: CommandPorts,
  issuer: Issuer,
  work: (next: () => Work) => Promise<T>,
): Promise<T> {
  return ports.unitOfWork.run(async (tx) => {
    const now = await tx.now()
    const begun: Work[] = []
    const result = await work(() => {
      const current = new Work(tx, now, issuer, ports.random)
      begun.push(current)
      return current
    })
    for (const current of begun) await current.prepare()
    for (const current of begun) await current.append()
    return result
  })
}

type Attempt = Pick<RefusedAttempt, 'command' | 'subject'>
type Loaded = { rev: number; state: unknown }

/** The state of one running command: what it has locked, and the facts that it will append. */
export class Work {
  readonly tx: Tx
  readonly now: EpochMs
  readonly issuer: Issuer
  readonly ids: IdSource
  readonly random: (bytes: number) => Uint8Array
  /** What was decided last, or else is about to be decided: a refusal is one of this. */
  attempt: Attempt | null = null
  readonly #commandId: CommandId
  readonly #loaded = new Map<string, Loaded>()
  readonly #events: AppendEvent[] = []

  constructor(tx: Tx, now: EpochMs, issuer: Issuer, random: (bytes: number) => Uint8Array) {
    this.tx = tx
    this.now = now
    this.issuer = issuer
    this.random = random
    this.ids = { next: <K extends IdKind>(kind: K) => idFrom(kind, now, random(10)) }
    this.#commandId = this.ids.next('command')
  }

  /** The locked state and revision of one aggregate; `initial` and 0 when it does not exist. */
  async load<S, C, E extends RecordedFact, X>(
    aggregate: Aggregate<S, C, E, X>,
    id: string,
  ): Promise<{ readonly state: S; readonly rev: number }> {
    const stream = `${aggregate.name}/${id}`
    this.attempt ??= { command: `${aggregate.name}.unknown`, subject: stream }
    let loaded = this.#loaded.get(stream)
    if (loaded === undefined) {
      const head = (await this.tx.lockStreams([stream])).get(stream)
      loaded = { rev: head?.rev ?? 0, state: head?.state ?? aggregate.initial }
      this.#loaded.set(stream, loaded)
    }
    return { state: loaded.state as S, rev: loaded.rev } // the stream's name fixes the type of its state
  }

  /** The committed state of an aggregate that this command does not change; takes no lock. */
  async peek<S, C, E extends RecordedFact, X>(aggregate: Aggregate<S, C, E, X>, id: string): Promise<S> {
    const stream = `${aggregate.name}/${id}`
    const loaded = this.#loaded.get(stream)
    if (loaded !== undefined) return loaded.state as S // the stream's name fixes the type of its state
    const [row] = await this.tx.query<{ state: S }>('select state from streams where stream = $1', [stream])
    return row === undefined ? aggregate.initial : row.state
  }

  /**
   * The states that a statement finds, `stream` and `state` a row, as this command has left them. What it changes reaches
   * `streams` only with `flush`: a statement joins it from the left, by the rows of the projections.
   */
  async states<S>(sql: string, params: readonly unknown[]): Promise<readonly S[]> {
    const rows = await this.tx.query<{ stream: string; state: S | null }>(sql, params)
    return rows.flatMap(({ stream, state }) => {
      const loaded = this.#loaded.get(stream)
      const current = loaded === undefined ? state : (loaded.state as S) // the stream's name fixes the type of its state
      return current === null ? [] : [current]
    })
  }

  /** Decides `command` on the aggregate; records its events, or rises as a refusal. Returns the state after. */
  async apply<S, C, E extends RecordedFact, X>(
    aggregate: Aggregate<S, C, E, X>,
    id: string,
    command: C,
    context: X,
  ): Promise<{ readonly state: S; readonly events: readonly E[] }> {
    const { state: before } = await this.load(aggregate, id)
    const stream = `${aggregate.name}/${id}`
    const name = (command as { readonly c?: string }).c ?? 'unknown'
    this.attempt = { command: `${aggregate.name}.${name}`, subject: stream }
    const decided = aggregate.decide(before, command, context)
    if (!decided.ok) throw this.issuer.isDry === true ? wouldBe(decided.refused) : refused(decided.refused)
    const loaded = this.#loaded.get(stream)
    if (loaded === undefined) throw new Error(`not loaded: ${stream}`)
    let state = before
    for (const event of decided.events) {
      state = aggregate.evolve(state, event)
      const { e: kind, sealed, ...facts } = event
      this.#events.push({
        stream,
        kind,
        facts: facts as JsonObject, // events are canonical JSON by convention; append checks it
        ...(sealed === undefined ? {} : { personal: sealed }),
        state: state as Json,
      })
      loaded.rev += 1
    }
    loaded.state = state
    const { events } = decided
    if (events.length > 0)
      await aggregate.project({ tx: this.tx, id, before, after: state, events, now: this.now })
    return { state, events }
  }

  /** Ids for the decider of a new aggregate, whose stream is named before it runs: the next of `kind` is `id`. */
  only<K extends IdKind>(kind: K, id: Id<K>): IdSource {
    const isSame = (asked: IdKind) => asked === kind
    return {
      next: (asked) => (isSame(asked) ? (id as unknown as Id<typeof asked>) : this.ids.next(asked)), // same kind
    }
  }

  /** Refuses with `STALE` when the caller's revision of the aggregate is not the current one. */
  expect(actual: number, expected: number | undefined): void {
    if (expected !== undefined && expected !== actual)
      throw new AppError('STALE', undefined, { extra: { revision: actual } })
  }

  /**
   * INVARIANT: nobody's text is written while they are being erased, or after it: an erasure waits for this lock, and
   * this for the erasure.
   */
  async #assertAuthor(person: UserId): Promise<void> {
    const rows = await this.tx.query<{ state: string }>('select state from people where id = $1 for share', [
      person,
    ])
    if (rows.some(({ state }) => state === 'erased')) throw new AppError('UNAUTHENTICATED')
  }

  /** INVARIANT: a key becomes at most one command. Two that hold it meet at its row (ADR 0006). */
  async #bind({ principal, key, token }: Claim): Promise<void> {
    const bound = await this.tx.query(
      `update idempotency_keys set command_id = $4 where principal = $1 and key = $2 and claim = $3 returning key`,
      [principal, key, token, this.#commandId],
    )
    if (bound.length === 0) throw new AppError('IDEMPOTENCY_IN_PROGRESS')
  }

  /** Appends everything; the last statements of the transaction. */
  async flush(): Promise<void> {
    await this.prepare()
    await this.append()
  }

  /** Whatever must be asked before anything is appended. */
  async prepare(): Promise<void> {
    if (this.#events.length === 0) return
    const { actor, claim } = this.issuer
    const writes = this.#events.some(({ personal }) => personal !== undefined)
    if (writes && actor.k === 'person') await this.#assertAuthor(actor.ref)
    if (claim !== undefined) await this.#bind(claim)
    const { tx, now, ids } = this
    await tellOf({ tx, now, ids, commandId: this.#commandId, actor: actorText(actor) }, this.#events)
  }

  /** Appends what was prepared; nothing but the appends of further commands follows it in the transaction. */
  async append(): Promise<void> {
    if (this.#events.length === 0) return
    const { actor, authn, channel } = this.issuer
    const ageS = Math.max(0, Math.floor((this.now - authn.at) / 1_000))
    await this.tx.append({
      commandId: this.#commandId,
      actor,
      via: { channel, engine, ...(authn.method === 'none' ? {} : { authn: { method: authn.method, ageS } }) },
      events: this.#events,
    })
  }
}

/** What a dry command is told: proofs are given when it is sent in earnest, so their absence is no answer. */
function wouldBe(reasons: readonly Reason[]): AppError | DryRun {
  const others = reasons.filter(({ code }) => code !== 'STEP_UP_REQUIRED')
  return others.length === 0 ? new DryRun() : refused(others)
}

/** A refusal for nothing but a missing proof says nothing against the act: it asks for the proof. */
function refused(reasons: readonly Reason[]): AppError {
  const [first] = reasons
  const lacksProofOnly = first !== undefined && reasons.every(({ code }) => code === 'STEP_UP_REQUIRED')
  if (!lacksProofOnly) return new AppError('REFUSED', undefined, { reasons })
  const proof = first.params['proof']
  return new AppError('STEP_UP_REQUIRED', undefined, { reasons, extra: proof === undefined ? {} : { proof } })
}
