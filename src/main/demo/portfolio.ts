import { askUseCase, mergeUseCase, withdrawUseCase } from '../../contracts/routes/intake.ts'
import { orderStop } from '../../contracts/routes/stops.ts'
import { advisorySummariser, alertTriage, moodMonitor } from './answers.ts'
import type { Organisation } from './organisation.ts'
import {
  approved,
  build,
  draftUseCase,
  openVote,
  passChecks,
  signOffReviews,
  submitted,
  triaged,
  vote,
  type Built,
} from './systems.ts'

/** A dozen use cases in as many states, so that every list has something to show. Returns the one that stays live. */
export async function fillPortfolio(org: Organisation, tell: (line: string) => void): Promise<Built> {
  const { analyst, requester, commander } = org
  const note = (title: string, state: string) => tell(`${title}: ${state}`)

  await draftUseCase(org, { title: 'Phishing mail classifier' })
  note('Phishing mail classifier', 'draft')

  await submitted(org, alertTriage('Cloud posture explainer'))
  note('Cloud posture explainer', 'submitted, waits for triage')

  const asked = await submitted(org, alertTriage('Insider risk scoring'))
  await analyst.call(askUseCase, {
    params: { id: asked.id },
    body: {
      keys: ['personalData', 'affectsIndividuals'],
      text: 'Whose behaviour is scored, and who sees it?',
    },
    ifMatch: asked.revision,
  })
  note('Insider risk scoring', 'information asked for')

  const double = await submitted(org, { ...alertTriage('SOC alert summariser'), modelId: 'another' })
  const first = await triaged(org, { ...alertTriage('Alert digest for the night shift'), modelId: 'other' })
  await analyst.call(mergeUseCase, {
    params: { id: double.id },
    body: { into: first.id },
    ifMatch: double.revision,
  })
  note('SOC alert summariser', 'duplicate of another')
  note('Alert digest for the night shift', 'triaged, tier 2, reviews open')

  const given = await submitted(org, advisorySummariser('Chat over the wiki'))
  await requester.call(withdrawUseCase, {
    params: { id: given.id },
    body: { reasonCode: 'no_longer_needed' },
    ifMatch: given.revision,
  })
  note('Chat over the wiki', 'withdrawn')

  await triaged(org, moodMonitor('Analyst burnout monitor'))
  note('Analyst burnout monitor', 'prohibited practice: no case can open')

  const answers = alertTriage('Vulnerability prioritiser')
  const waiting = await build(org, await triaged(org, answers), answers)
  await passChecks(org, waiting)
  note('Vulnerability prioritiser', 'built and checked, reviews open')

  const risky = alertTriage('Automatic ticket closer')
  const rejected = await build(org, await triaged(org, risky), risky)
  await signOffReviews(org, rejected)
  await passChecks(org, rejected)
  const refusedCase = await openVote(org, rejected)
  await vote(org, refusedCase, 'privacy', { choice: 'object' })
  for (const fn of ['security', 'risk', 'legal', 'it'] as const) await vote(org, refusedCase, fn)
  note('Automatic ticket closer', 'rejected: privacy has vetoed it')

  const split = alertTriage('Threat hunting assistant')
  const voting = await build(org, await triaged(org, split), split)
  await signOffReviews(org, voting)
  await passChecks(org, voting)
  await vote(org, await openVote(org, voting), 'security')
  note('Threat hunting assistant', 'voting, four ballots missing')

  const live = await approved(org, advisorySummariser('Advisory summariser'))
  note('Advisory summariser', 'approved and live, tier 1')

  const stopped = await approved(org, alertTriage('Log anomaly explainer'))
  await commander.call(orderStop, {
    body: {
      scope: 'deployment',
      targetId: stopped.deploymentId,
      reasonCode: 'incident',
      reason: 'Explanations named the wrong hosts.',
    },
  })
  note('Log anomaly explainer', 'approved, then stopped by the incident commander')
  return live
}
