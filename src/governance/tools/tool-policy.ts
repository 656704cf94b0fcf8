import {
  actorText,
  documentFault,
  refuse,
  unless,
  unreachable,
  type Actor,
  type Decided,
  type Digest,
  type DocumentFault,
  type EpochMs,
  type Json,
  type Reason,
} from '../../kernel/index.ts'

/** What somebody wrote: Cedar, and the type of the arguments that it reads, such as `{ amount?: Long }`. */
export type Draft = { readonly text: string; readonly args: string }

/** A draft as Cedar and our compiler have taken it. */
export type Published = Draft & {
  readonly digest: Digest
  /** Policies in Cedar's JSON form, by id: what the digest covers, and what gateways compile. */
  readonly policies: { readonly [id: string]: Json }
  /** The version of the engine that has checked them. */
  readonly engine: string
}

/** `shadow`: decided beside what is in force, without effect. `active`: new releases may name it. */
export type Stage = 'draft' | 'shadow' | 'active' | 'retired'

export type Version = {
  readonly version: number
  readonly s: Stage
  readonly digest: Digest | null
  /** Who has written in it or published it: none of them activates it. */
  readonly authors: readonly string[]
}

/** The versions of one document, oldest first; at most the last one is a draft. */
export type State = { readonly versions: readonly Version[] }
export const initial: State = { versions: [] }

export type Command =
  /** The first draft of a document of a new key. */
  | { readonly c: 'create'; readonly draft: Draft }
  | { readonly c: 'draft'; readonly draft: Draft }
  | { readonly c: 'discard' }
  /** Fixes the draft for good and begins to decide by it without effect. */
  | { readonly c: 'publish' }
  /** `differences`: how many the person has seen between it and what is in force. */
  | { readonly c: 'activate'; readonly version: number; readonly differences: number }
  | { readonly c: 'retire'; readonly version: number }

type About = { readonly key: string; readonly version: number; readonly by: Actor; readonly at: EpochMs }
export type Event =
  | (About & Draft & { readonly e: 'gateway.policy.drafted' })
  | (About & { readonly e: 'gateway.policy.discarded' })
  | (About & Published & { readonly e: 'gateway.policy.published' })
  | (About & {
      readonly e: 'gateway.policy.activated'
      readonly digest: Digest
      readonly differences: number
    })
  | (About & { readonly e: 'gateway.policy.retired'; readonly digest: Digest })

export type Context = {
  readonly key: string
  readonly now: EpochMs
  readonly actor: Actor
  /** Keys of the documents that come with the product. */
  readonly shippedKeys: readonly string[]
  /** What Cedar and our compiler made of the draft; faults have their place in it. */
  readonly checked:
    | { readonly ok: true; readonly published: Published }
    | { readonly ok: false; readonly faults: readonly DocumentFault[] }
    | null
  /** Versions in shadow in the whole organisation. */
  readonly inShadow: number
  /** Differences that were counted for the version until now. */
  readonly differences: number
}

export type Refusal =
  | Reason<'WRONG_STATE', { state: Stage | 'absent' }>
  | Reason<'NAME_TAKEN' | 'SELF_APPROVAL'>
  | Reason<'TOO_MANY_SHADOWS', { max: number }>
  | Reason<'DIFFERENCES_NOT_SEEN', { now: number }>
  | DocumentFault

export const maxTextBytes = 16_384
export const maxArgsBytes = 2_048
/** The fact holds text and JSON form, and has to fit in one entry of the ledger. */
export const maxPolicyBytes = 60_000
/** Each version in shadow is decided beside every call: more would cost the calls too much. */
export const maxShadows = 3

/** Applies one command. A person who wrote in a version never activates it. */
export function decide(state: State, command: Command, ctx: Context): Decided<Event, Refusal> {
  const last = state.versions.at(-1)
  const { key, actor: by, now: at } = ctx
  switch (command.c) {
    case 'create':
    case 'draft': {
      const isTaken = ctx.shippedKeys.includes(key) || (command.c === 'create' && last !== undefined)
      const faults = draftFaults(command.draft)
      if (isTaken) faults.push({ code: 'NAME_TAKEN', params: {} })
      const version = last?.s === 'draft' ? last.version : (last?.version ?? 0) + 1
      const { text, args } = command.draft
      return unless<Event, Refusal>(faults, {
        e: 'gateway.policy.drafted',
        key,
        version,
        by,
        at,
        text,
        args,
      })
    }
    case 'discard':
      if (last?.s !== 'draft') return refuse(wrongState(last))
      return unless<Event, Refusal>([], { e: 'gateway.policy.discarded', key, version: last.version, by, at })
    case 'publish': {
      if (last?.s !== 'draft' || ctx.checked === null) return refuse(wrongState(last))
      if (!ctx.checked.ok) return { ok: false, refused: ctx.checked.faults }
      const { published } = ctx.checked
      return unless<Event, Refusal>(publicationFaults(published, ctx), {
        e: 'gateway.policy.published',
        key,
        version: last.version,
        by,
        at,
        ...published,
      })
    }
    case 'activate': {
      const found = versionOf(state, command.version)
      if (found?.s !== 'shadow' || found.digest === null) return refuse(wrongState(found))
      const { version, digest } = found
      return unless<Event, Refusal>(activationFaults(found, command.differences, ctx), {
        e: 'gateway.policy.activated',
        key,
        version,
        by,
        at,
        digest,
        differences: ctx.differences,
      })
    }
    case 'retire': {
      const found = versionOf(state, command.version)
      if ((found?.s !== 'shadow' && found?.s !== 'active') || found.digest === null)
        return refuse(wrongState(found))
      const { version, digest } = found
      return unless<Event, Refusal>([], { e: 'gateway.policy.retired', key, version, by, at, digest })
    }
    default:
      return unreachable(command)
  }
}

/** Folds one recorded fact. Total on any log. */
export function evolve(state: State, event: Event): State {
  const { version } = event
  const found = versionOf(state, version)
  const author = actorText(event.by)
  const authors = [...new Set([...(found?.authors ?? []), author])]
  const put = (next: Version): State => ({
    versions: [...state.versions.filter((item) => item.version !== version), next].toSorted(
      (a, b) => a.version - b.version,
    ),
  })
  switch (event.e) {
    case 'gateway.policy.drafted':
      if (found !== undefined && found.s !== 'draft') return state
      return put({ version, s: 'draft', digest: null, authors })
    case 'gateway.policy.discarded':
      return found?.s === 'draft' ? { versions: state.versions.filter((item) => item !== found) } : state
    case 'gateway.policy.published':
      return found?.s === 'draft' ? put({ version, s: 'shadow', digest: event.digest, authors }) : state
    case 'gateway.policy.activated':
      return found?.s === 'shadow' ? put({ ...found, s: 'active' }) : state
    case 'gateway.policy.retired':
      return found?.s === 'shadow' || found?.s === 'active' ? put({ ...found, s: 'retired' }) : state
    default:
      return unreachable(event)
  }
}

function draftFaults({ text, args }: Draft): Refusal[] {
  const faults: Refusal[] = []
  if (sizeOf(text) > maxTextBytes) faults.push(documentFault(['text'], `longer than ${maxTextBytes} bytes`))
  if (sizeOf(args) > maxArgsBytes) faults.push(documentFault(['args'], `longer than ${maxArgsBytes} bytes`))
  return faults
}

function publicationFaults(published: Published, { inShadow }: Context): Refusal[] {
  const faults: Refusal[] = []
  if (sizeOf(JSON.stringify(published)) > maxPolicyBytes)
    faults.push(documentFault(['text'], `its policies take more than ${maxPolicyBytes} bytes`))
  if (inShadow >= maxShadows) faults.push({ code: 'TOO_MANY_SHADOWS', params: { max: maxShadows } })
  return faults
}

function activationFaults({ authors }: Version, seen: number, ctx: Context): Refusal[] {
  const faults: Refusal[] = []
  if (authors.includes(actorText(ctx.actor))) faults.push({ code: 'SELF_APPROVAL', params: {} })
  if (seen < ctx.differences) faults.push({ code: 'DIFFERENCES_NOT_SEEN', params: { now: ctx.differences } })
  return faults
}

function wrongState(version: Version | undefined): Refusal {
  return { code: 'WRONG_STATE', params: { state: version?.s ?? 'absent' } }
}

function versionOf({ versions }: State, version: number): Version | undefined {
  return versions.find((item) => item.version === version)
}

function sizeOf(text: string): number {
  return new TextEncoder().encode(text).length
}
