import { unreachable, type JsonObject } from '../../kernel/index.ts'
import type { Finding, VerifiedEntry } from '../../ledger/index.ts'
import { readOverride, readSeries, readStop, readSystem, readWaiver } from './authorization.ts'
import { readCase } from './cases.ts'
import { readCharter } from './charters.ts'
import { readCondition, readExpiry } from './expiries.ts'
import { isTold, readFacts, type Told } from './facts.ts'
import { readAllowance, readGuardPolicy } from './guard.ts'
import { readUseCase } from './intake.ts'
import { readPerson } from './people.ts'
import { noteText, readHold, readRedaction } from './retention.ts'
import { readPolicy } from './policies.ts'
import { Entry, newWorld, type Counts, type World } from './world.ts'

export type Story = {
  readonly findings: readonly Finding[]
  readonly summary: Counts & { readonly entries: number; readonly people: number }
}

/**
 * Reads the entries of a verified log in their order and asks of each whether it follows from those before it: who
 * voted, under which rule, with which passkey, and what rests on the outcome. Needs no server, no clock and no network.
 */
export function verifyStory(entries: readonly VerifiedEntry[]): Story {
  const world = newWorld()
  for (const { index, leaf, facts, personal } of entries) {
    const entry = new Entry(world, index, leaf)
    noteText(world, leaf, facts)
    if (!isTold(leaf.kind) || facts === undefined) continue // both are findings of the log's own check
    const told = readFacts(leaf.kind, facts)
    if (told === null) entry.must(false, 'FACTS_MALFORMED', `the form of ${leaf.kind}`, 'another form')
    else readSafely(world, entry, told, personal)
  }
  const { findings, counts, people } = world
  return { findings, summary: { ...counts, entries: entries.length, people: people.size } }
}

/** UNTRUSTED: a value beyond all bounds, such as an instant without a date, is a contradiction and no reason to stop. */
function readSafely(world: World, entry: Entry, told: Told, personal: JsonObject | undefined): void {
  try {
    read(world, entry, told, personal)
  } catch (error) {
    if (!(error instanceof RangeError) && !(error instanceof TypeError)) throw error
    entry.must(false, 'FACTS_UNREADABLE', `facts of ${told.e} within bounds`, error.message)
  }
}

function read(world: World, entry: Entry, told: Told, personal: JsonObject | undefined): void {
  // The issuer of grants reads the clock again after it has waited for its lock.
  if ('at' in told && told.e !== 'grant.series_opened') entry.mustEqual('TIME', entry.at, told.at)
  switch (told.e) {
    case 'person.enrolled':
    case 'person.moved':
    case 'person.suspended':
    case 'person.reinstated':
    case 'person.erased':
    case 'credential.registered':
    case 'credential.removed':
    case 'credential.recovery_requested':
    case 'credential.recovered':
    case 'installation.recovered':
    case 'role.requested':
    case 'role.granted':
    case 'role.revoked':
    case 'role.request_declined':
      return readPerson(world, entry, told)
    case 'charter.proposed':
    case 'charter.signed':
    case 'charter.ratified':
    case 'seat.delegated':
    case 'seat.delegation_ended':
    case 'interest.declared':
    case 'interest.withdrawn':
      return readCharter(world, entry, told)
    case 'questionnaire.published':
    case 'tier_policy.published':
    case 'trigger_policy.published':
    case 'legal_map.published':
    case 'calendar.published':
    case 'policy.proposed':
    case 'policy.signed':
    case 'policy.objected':
    case 'policy.rejected':
    case 'policy.withdrawn':
      return readPolicy(world, entry, told)
    case 'intake.started':
    case 'intake.answers_changed':
    case 'intake.submitted':
    case 'intake.resubmitted':
    case 'intake.information_requested':
    case 'intake.triaged':
    case 'intake.merged':
    case 'intake.withdrawn':
    case 'use_case.retired':
    case 'use_case.revised':
    case 'use_case.owner_changed':
    case 'tier.assessed':
    case 'tier.override_granted':
    case 'tier.override_signed':
    case 'legal_class.determined':
    case 'legal_class.confirmed':
    case 'legal_class.cleared':
      return readUseCase(world, entry, told)
    case 'case.opened':
    case 'case.evidence_evaluated':
    case 'ballot.voided':
    case 'case.voting_started':
    case 'ballot.cast':
    case 'person.recused':
    case 'candidate.disqualified':
    case 'decision.recorded':
    case 'case.lapsed':
    case 'case.cancelled':
    case 'decision.revoked':
      return readCase(world, entry, told, personal)
    case 'system.registered':
    case 'system.retired':
    case 'release.created':
    case 'release.change_classified':
    case 'release.decision_extended':
      return readSystem(world, entry, told)
    case 'deployment.created': {
      const { deploymentId, useCaseId, systemId } = told
      world.deployments.set(deploymentId, { useCaseId, systemId })
      return
    }
    case 'check.recorded':
      world.checks.set(entry.leaf.stream, { release: told.release, by: told.by })
      return
    case 'override.requested':
    case 'override.activated':
    case 'override.renewed':
    case 'override.revoked':
    case 'override.reviewed':
      return readOverride(world, entry, told)
    case 'waiver.requested':
    case 'waiver.endorsed':
    case 'waiver.accepted':
    case 'waiver.refused':
    case 'waiver.revoked':
      return readWaiver(world, entry, told)
    case 'condition.imposed':
    case 'condition.met':
    case 'condition.withdrawn':
      return readCondition(world, entry, told)
    case 'decision.reminder_due':
    case 'decision.expired':
    case 'waiver.expired':
    case 'condition.breached':
    case 'tier.override_expired':
      return readExpiry(world, entry, told)
    case 'hold.placed':
    case 'hold.released':
      return readHold(world, entry, told)
    case 'sealed.redaction_requested':
    case 'sealed.redacted':
      return readRedaction(world, entry, told)
    case 'guard.policy.drafted':
    case 'guard.policy.discarded':
    case 'guard.policy.shadowed':
    case 'guard.policy.activated':
    case 'guard.policy.retired':
      return readGuardPolicy(world, entry, told)
    case 'guard.allow_entry.added':
    case 'guard.allow_entry.expired':
      return readAllowance(world, entry, told)
    case 'stop.ordered':
    case 'stop.lifted':
      return readStop(world, entry, told)
    case 'grant.series_opened':
      return readSeries(world, entry, told)
    default:
      return unreachable(told)
  }
}
