import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { listChecks, listReviews } from '../../../../../src/contracts/routes/reviews.ts'
import { readRequirements } from '../../../../../src/contracts/routes/requirements.ts'
import { listWaivers } from '../../../../../src/contracts/routes/waivers.ts'
import { useRead } from '../../../api/reading.ts'
import { t, tCode } from '../../../messages/committee.ts'
import { Button } from '../../../ui/button.tsx'
import { Id } from '../../../ui/copy.tsx'
import { Dialog } from '../../../ui/dialog.tsx'
import { Empty } from '../../../ui/loaded.tsx'
import { Note } from '../../../ui/note.tsx'
import { Panel } from '../../../ui/panel.tsx'
import { Person } from '../../../ui/person.tsx'
import { Status } from '../../../ui/status.tsx'
import { Time } from '../../../ui/time.tsx'
import { reviewFunction } from '../../reviews/kinds.ts'
import { WaiverRequest } from '../../safety/waiver-request.tsx'
import { requirementName } from '../../../ui/requirement.ts'
import { ConditionList } from './conditions.tsx'
import { isOpenCase, type Case } from './case.ts'

/** What the decision rests on: each requirement with its state, what shows it, and who owes it. */
export function Evidence({ found }: { readonly found: Case }) {
  const { requirements, subject, reviewConditions } = found
  const { release, environment } = subject
  const known = useKnown(found)
  const [asked, setAsked] = useState<string | null>(null)
  const order = { unmet: 0, unknown: 1, waived: 2, met: 3 } as const
  const rows = requirements.toSorted((a, b) => order[a.status] - order[b.status] || (a.id < b.id ? -1 : 1))
  const open = rows.filter(({ status }) => status === 'unmet' || status === 'unknown').length
  return (
    <Panel title={t('case.evidence')}>
      <div className="stack">
        <p>{t('case.evidenceText', { total: rows.length, open })}</p>
        {found.state === 'waiting_evidence' && <Note tone="attention">{t('case.waiting')}</Note>}
        {rows.length === 0 && <Empty>{t('case.noEvidence')}</Empty>}
        <ul className="checklist">
          {rows.map((requirement) => (
            <Requirement
              key={requirement.id}
              requirement={requirement}
              found={found}
              known={known}
              onAsk={() => setAsked(requirement.id)}
            />
          ))}
        </ul>
        {reviewConditions.length > 0 && (
          <>
            <h3>{t('case.reviewConditions')}</h3>
            <ConditionList conditions={reviewConditions} />
          </>
        )}
      </div>
      <Dialog open={asked !== null} onClose={() => setAsked(null)} title={t('waiver.ask')}>
        {asked !== null && (
          <WaiverRequest
            release={release}
            environment={environment}
            gap={asked}
            onClose={() => setAsked(null)}
          />
        )}
      </Dialog>
    </Panel>
  )
}

/** What is on record about the requirements of the subject, beyond what the case itself says. */
function useKnown({ subject: { release, environment, useCaseId, kind } }: Case) {
  const options = { enabled: kind !== 'waiver' }
  const now = useRead(readRequirements, { query: { release, environment } }, options)
  const reviews = useRead(listReviews, { query: { useCaseId, limit: 100 } }, options)
  const checks = useRead(listChecks, { query: { release, environment, limit: 100 } }, options)
  const waivers = useRead(listWaivers, { query: { useCaseId, limit: 100 } }, options)
  return (id: string) => {
    const [sort = '', name = ''] = id.split('/')
    return {
      sort,
      name,
      detail: now.data?.items.find((item) => item.id === id),
      review: reviews.data?.items.find((item) => sort === 'review' && item.kind === name),
      check: checks.data?.items.find((item) => sort === 'check' && item.checkId === name),
      waiver: waivers.data?.items.find(
        (item) =>
          item.subject.id === id &&
          item.release === release &&
          (item.state === 'accepted' || item.state === 'requested'),
      ),
    }
  }
}

function Requirement({
  requirement: { id, status },
  found,
  known,
  onAsk,
}: {
  readonly requirement: Case['requirements'][number]
  readonly found: Case
  readonly known: ReturnType<typeof useKnown>
  readonly onAsk: () => void
}) {
  const about = known(id)
  const { detail, review, check, waiver } = about
  const isGap = status === 'unmet' || status === 'unknown'
  const mayWaive = status === 'unmet' && detail?.why !== 'objected' && isOpenCase(found)
  return (
    <li>
      <div className="row">
        <Status state={status} />
        <strong>{requirementName(id)}</strong>
        {isGap && detail !== undefined && (
          <span className="muted">{tCode('requirementWhy', detail.why)}</span>
        )}
      </div>
      <div className="row muted">
        {detail?.artefact !== undefined && detail.artefact !== null && <Id id={detail.artefact} />}
        {check !== undefined && (
          <span>
            <Time at={check.recordedAt} />, {t('case.expires')} <Time at={check.validUntil} />
          </span>
        )}
        {review !== undefined && <Link to={`/reviews/${review.id}`}>{t('case.toReview')}</Link>}
        {waiver !== undefined && (
          <Link to={`/waivers/${waiver.id}`}>{t('case.toWaiver', { state: waiver.state })}</Link>
        )}
      </div>
      {isGap && (
        <div className="row">
          <span>
            {t('case.owes')} <Ower about={about} />
          </span>
          {mayWaive && waiver === undefined && (
            <Button kind="quiet" onClick={onAsk}>
              {t('waiver.ask')}
            </Button>
          )}
        </div>
      )}
    </li>
  )
}

/** Who must act so that a requirement is met, and until when, as far as a record says so. */
function Ower({
  about: { sort, name, review },
}: {
  readonly about: ReturnType<ReturnType<typeof useKnown>>
}) {
  if (sort === 'check') return t('case.owesValidator')
  if (sort !== 'review') return t('case.owesWaiver')
  const fn = tCode('fn', reviewFunction(name))
  if (review === undefined) return fn
  return (
    <>
      {fn}
      {review.lead !== null && (
        <>
          {' '}
          (<Person id={review.lead} />)
        </>
      )}
      , {t('case.due')} <Time at={review.due} />
    </>
  )
}
