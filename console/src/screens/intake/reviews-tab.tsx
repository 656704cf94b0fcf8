import { Link } from '@tanstack/react-router'
import { listReviews } from '../../../../src/contracts/routes/reviews.ts'
import { useRead } from '../../api/reading.ts'
import { t, tCode } from '../../messages/intake.ts'
import { Empty, Loaded } from '../../ui/loaded.tsx'
import { Person } from '../../ui/person.tsx'
import { triggerName } from '../../ui/requirement.ts'
import { Status } from '../../ui/status.tsx'
import { Time } from '../../ui/time.tsx'
import type { UseCaseRecord } from './questions.ts'

/** The reviews that the answers demand, why, and how far each is. */
export function ReviewsTab({ record }: { readonly record: UseCaseRecord }) {
  const read = useRead(listReviews, { query: { useCaseId: record.id, limit: 100 } })
  return (
    <Loaded read={read} rows={4}>
      {({ items }) =>
        items.length === 0 ? (
          <Empty>{t(record.assessment === null ? 'intake.reviewsNotYet' : 'intake.noReviewsText')}</Empty>
        ) : (
          // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a region that scrolls must be reachable by key
          <div className="table-scroll" role="region" aria-label={t('intake.reviews')} tabIndex={0}>
            <table className="grid">
              <thead>
                <tr>
                  <th scope="col">{t('intake.reviewKind')}</th>
                  <th scope="col">{t('intake.state')}</th>
                  <th scope="col">{t('intake.reviewDue')}</th>
                  <th scope="col">{t('intake.reviewLead')}</th>
                  <th scope="col">{t('intake.reviewWhy')}</th>
                </tr>
              </thead>
              <tbody>
                {items.map(({ id, kind, state, due, lead, isOverdue }) => (
                  <tr key={id}>
                    <td>
                      <Link to={`/reviews/${id}`}>{tCode('review', kind)}</Link>
                    </td>
                    <td>
                      <Status state={state} />
                    </td>
                    <td>
                      {state === 'signed_off' || state === 'signed_off_with_conditions' ? (
                        <span className="muted">{t('intake.reviewDone')}</span>
                      ) : (
                        <span className={isOverdue ? 'tone-breach' : undefined}>
                          <Time at={due} />
                        </span>
                      )}
                    </td>
                    <td>
                      {lead === null ? (
                        <span className="muted">{t('common.none')}</span>
                      ) : (
                        <Person id={lead} />
                      )}
                    </td>
                    <td>
                      {(record.reviews.find((one) => one.kind === kind)?.triggerIds ?? [])
                        .map(triggerName)
                        .join('; ')}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )
      }
    </Loaded>
  )
}
