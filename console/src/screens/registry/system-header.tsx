import { Link } from '@tanstack/react-router'
import { explainTier } from '../../../../src/contracts/routes/intake.ts'
import { useRead } from '../../api/reading.ts'
import { t, tCode } from '../../messages/registry.ts'
import { Id } from '../../ui/copy.tsx'
import { Facts } from '../../ui/facts.tsx'
import { Person } from '../../ui/person.tsx'
import { Status, Tier } from '../../ui/status.tsx'
import { Time } from '../../ui/time.tsx'
import { Untrusted } from '../../ui/untrusted.tsx'
import type { SystemView } from './system.tsx'

/** What stands above every tab: tier and why, authorization until when, environments, and what can be asked for next. */
export function SystemHeader({ system }: { readonly system: SystemView }) {
  const { useCaseId, places, tier, legalClass, owner, approved, releases, changes } = system
  const [worst] = places
  const [newest] = releases.toSorted((a, b) => b.createdAt.localeCompare(a.createdAt))
  const isUndecided =
    newest !== undefined &&
    newest.digest !== approved &&
    changes.some(({ to, class: change }) => to === newest.digest && change === 'material')
  const explained = useRead(explainTier, { params: { id: useCaseId } }, { enabled: tier !== null })
  const rule = explained.data?.computed.fired.find((one) => one.tier === explained.data.computed.tier)
  const isMoved = explained.data !== undefined && explained.data.effective !== explained.data.computed.tier
  return (
    <Facts
      rows={[
        [
          t('registry.tier'),
          <>
            <Tier tier={tier} />
            {rule !== undefined && (
              <span>
                {' · '}
                <Untrusted text={rule.why} />
              </span>
            )}
            {rule === undefined && explained.data !== undefined && (
              <span> · {t('system.tierByPoints', { points: explained.data.computed.points })}</span>
            )}
            {isMoved && <span> · {t('system.tierMoved', { tier: explained.data.computed.tier })}</span>}
            {legalClass !== null && <span> · {tCode('legal', legalClass)}</span>}
          </>,
        ],
        [
          t('registry.authorization'),
          worst === undefined ? (
            <span className="muted">{t('registry.noPlace')}</span>
          ) : (
            <div className="row">
              <Status state={worst.state} />
              {worst.until !== null && (
                <span>
                  {t('registry.untilWord')} <Time at={worst.until} both />
                </span>
              )}
              {worst.asOf !== null && (
                <span className="muted">
                  {t('registry.asOfNow')} <Time at={worst.asOf} />
                </span>
              )}
              {places.length > 1 && (
                <span className="muted">{t('system.worstOf', { count: places.length })}</span>
              )}
            </div>
          ),
        ],
        [
          t('registry.environments'),
          places.length === 0 ? (
            <span className="muted">{t('common.none')}</span>
          ) : (
            <div className="row">
              {places.map((place) => (
                <Link key={place.id} to={`/deployments/${place.id}`}>
                  {tCode('environment', place.environment)} ({tCode('state', place.op)})
                </Link>
              ))}
            </div>
          ),
        ],
        [
          t('system.next'),
          system.state === 'retired'
            ? t('system.nextRetired')
            : releases.length === 0
              ? t('system.nextRelease')
              : approved === null
                ? t('system.nextCase')
                : places.length === 0
                  ? t('system.nextPlace')
                  : isUndecided
                    ? t('system.nextDecision')
                    : t('system.nextNothing'),
        ],
        [t('registry.owner'), owner === null ? t('common.none') : <Person key="owner" id={owner} />],
        [t('registry.id'), <Id key="id" id={system.id} whole />],
      ]}
    />
  )
}
