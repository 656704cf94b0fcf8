import { useCase } from '../../governance/intake/index.ts'
import { assessmentOf, classifyLegal, tieringEngine } from '../../governance/tiering/index.ts'
import { mustBeInForce } from './policies.ts'
import type { Entry, World } from './world.ts'

/** Follows a use case, and computes its tier and legal class again from the answers that were recorded. */
export function readUseCase(world: World, entry: Entry, event: useCase.Event): void {
  entry.must(entry.streamId === event.useCaseId, 'STREAM', event.useCaseId, entry.streamId)
  const before = world.useCases.get(event.useCaseId) ?? useCase.initial
  const after = useCase.evolve(before, event)
  world.useCases.set(event.useCaseId, after)
  if (event.e === 'intake.started') mustBeInForce(world, entry, 'questionnaire', event.questionnaire)
  if (before.s === 'absent') {
    entry.must(after.s !== 'absent', 'USE_CASE_UNKNOWN', 'the start of the use case before', event.e)
    return
  }
  switch (event.e) {
    case 'intake.submitted':
    case 'intake.resubmitted':
      if (event.questionnaire !== undefined) mustBeInForce(world, entry, 'questionnaire', event.questionnaire)
      return
    case 'tier.assessed': {
      const { assessment } = event
      const policy = world.policies.get(assessment.policyDigest)
      mustBeInForce(world, entry, 'tier_policy', assessment.policyDigest)
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
      mustBeInForce(world, entry, 'legal_map', mapDigest)
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
