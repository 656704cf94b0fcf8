/** What an auditor asks about, and the kinds of entries that show it. */
export const controls: Readonly<Record<string, readonly string[]>> = {
  approvals: ['decision.recorded', 'decision.revoked'],
  ballots: ['ballot.cast', 'ballot.voided', 'person.recused', 'candidate.disqualified'],
  tiering: ['tier.assessed', 'tier.override_granted', 'tier.override_signed', 'legal_class.determined'],
  reviews: ['review.signed_off', 'review.objected', 'review.declared_not_needed'],
  checks: ['check.recorded'],
  conditions: ['condition.imposed', 'condition.met', 'condition.withdrawn'],
  releases: ['release.created', 'release.change_classified', 'release.decision_extended'],
  grants: ['grant.series_opened', 'grant.series_closed', 'grant.refused'],
  stops: ['stop.ordered', 'stop.lifted'],
  overrides: [
    'override.requested',
    'override.activated',
    'override.renewed',
    'override.revoked',
    'override.reviewed',
  ],
  waivers: ['waiver.requested', 'waiver.endorsed', 'waiver.accepted', 'waiver.refused', 'waiver.revoked'],
  access: ['role.requested', 'role.granted', 'role.revoked', 'role.request_declined', 'person.suspended'],
  charter: ['charter.proposed', 'charter.signed', 'charter.ratified', 'seat.delegated'],
  disclosure: ['sealed.revealed', 'audit.exported'],
}
