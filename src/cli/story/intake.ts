import { parseCalendar } from '../../governance/committee/index.ts'
import { useCase } from '../../governance/intake/index.ts'
import type { publication } from '../../governance/policies/index.ts'
import {
  assessmentOf,
  classifyLegal,
  parseLegalMap,
  parseTierPolicy,
  tieringEngine,
} from '../../governance/tiering/index.ts'
import { digestOf, type DocumentFault } from '../../kernel/index.ts'
import type { Entry, World } from './world.ts'

/** Keeps each published document under its digest, so that what was computed with it can be computed again. */
export function readPublication(world: World, entry: Entry, event: publication.Event): void {
  const { document, digest } = event
  if (!entry.mustEqual('PUBLICATION_DIGEST', digestOf(document), digest)) return
  if (event.e === 'tier_policy.published') {
    const parsed = parseTierPolicy(document)
    if (!parsed.ok) return entry.lacks('POLICY_UNREADABLE', 'a tier policy', textOf(parsed.faults))
    world.policies.set(digest, parsed.compiled)
  }
  if (event.e === 'calendar.published') {
    const parsed = parseCalendar(document)
    if (!parsed.ok) return entry.lacks('CALENDAR_UNREADABLE', 'a calendar', textOf(parsed.faults))
    world.calendar = parsed.calendar
  }
  if (event.e === 'legal_map.published') {
    const parsed = parseLegalMap(document)
    if (!parsed.ok) return entry.lacks('LEGAL_MAP_UNREADABLE', 'a legal map', textOf(parsed.faults))
    world.legalMaps.set(digest, parsed.map)
  }
}

/** Follows a use case, and computes its tier and legal class again from the answers that were recorded. */
export function readUseCase(world: World, entry: Entry, event: useCase.Event): void {
  entry.must(entry.streamId === event.useCaseId, 'STREAM', event.useCaseId, entry.streamId)
  const before = world.useCases.get(event.useCaseId) ?? useCase.initial
  const after = useCase.evolve(before, event)
  world.useCases.set(event.useCaseId, after)
  if (before.s === 'absent') {
    entry.must(after.s !== 'absent', 'USE_CASE_UNKNOWN', 'the start of the use case before', event.e)
    return
  }
  switch (event.e) {
    case 'tier.assessed': {
      const { assessment } = event
      const policy = world.policies.get(assessment.policyDigest)
      entry.mustEqual('REVISION', before.revisionDigest, event.revisionDigest)
      if (assessment.engine !== tieringEngine)
        return entry.lacks('ENGINE_UNKNOWN', tieringEngine, assessment.engine)
      if (policy === undefined)
        return entry.lacks(
          'POLICY_ABSENT',
          `tier policy ${assessment.policyDigest}`,
          'not published in this log',
        )
      entry.mustEqual('TIER', assessmentOf(before.answers, policy), assessment)
      return
    }
    case 'legal_class.determined': {
      const { mapDigest } = event.finding
      const map = world.legalMaps.get(mapDigest)
      if (map === undefined)
        return entry.lacks('LEGAL_MAP_ABSENT', `legal map ${mapDigest}`, 'not published in this log')
      entry.mustEqual('LEGAL_CLASS', classifyLegal(before.answers, map, mapDigest), event.finding)
      return
    }
    case 'intake.triaged': {
      const person = event.by.k === 'person' ? event.by.ref : null
      const isOther = person !== null && !useCase.interestedIn(before).includes(person)
      entry.must(isOther, 'SELF_TRIAGE', 'a person without interest in it', person ?? 'nobody')
      const { revisionDigest, tier } = event.inForce
      entry.mustEqual('REVISION', before.revisionDigest, revisionDigest)
      const raised = before.up === null ? 1 : before.up.to
      entry.mustEqual('TIER', Math.max(before.assessment?.tier ?? 3, raised), tier)
      entry.mustEqual('LEGAL_CLASS', before.legal?.class ?? 'undetermined', event.inForce.legalClass)
      entry.mustEqual('ANSWERS', before.answers, event.inForce.answers)
      return
    }
    case 'tier.override_signed':
    case 'tier.override_granted':
    case 'legal_class.confirmed':
    case 'legal_class.cleared': {
      const person = event.by.k === 'person' ? event.by.ref : null
      const isInterested = person === null || useCase.interestedIn(before).includes(person)
      // Anybody who reviews may raise a tier; whatever lowers or clears something needs somebody without interest.
      const mayAct = event.e === 'tier.override_granted' ? person !== null : !isInterested
      entry.must(mayAct, 'OWNER_CONFLICT', 'a person without interest in it', person ?? 'nobody')
      return
    }
    default:
      return
  }
}

function textOf(faults: readonly DocumentFault[]): string {
  return faults.map(({ path = '', params }) => `${path}: ${params.fault}`).join(', ')
}
