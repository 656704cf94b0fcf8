import { Link } from '@tanstack/react-router'
import { explainTier, readUseCase } from '../../../../src/contracts/routes/intake.ts'
import { useRead } from '../../api/reading.ts'
import { t, tCode } from '../../messages/registry.ts'
import { Facts } from '../../ui/facts.tsx'
import { Loaded } from '../../ui/loaded.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Person } from '../../ui/person.tsx'
import { Status, Tier } from '../../ui/status.tsx'
import { Untrusted } from '../../ui/untrusted.tsx'
import type { SystemView } from './system.tsx'

/** What the system implements, and why it has its tier. The answers themselves stand at the use case. */
export function SystemUseCase({ system: { useCaseId } }: { readonly system: SystemView }) {
  const read = useRead(readUseCase, { params: { id: useCaseId } })
  const explained = useRead(explainTier, { params: { id: useCaseId } })
  return (
    <div className="columns">
      <Panel title={t('system.tab.use-case')}>
        <Loaded read={read}>
          {({ title, state, requester, businessOwner, technicalOwner, legal }) => (
            <div className="stack">
              <Facts
                rows={[
                  [
                    t('system.tab.use-case'),
                    <Link key="title" to={`/intake/${useCaseId}`}>
                      <Untrusted text={title} />
                    </Link>,
                  ],
                  [t('registry.state'), <Status key="state" state={state} />],
                  [t('registry.legal'), legal === null ? t('common.unknown') : tCode('legal', legal.class)],
                  [t('useCase.requester'), <Person key="requester" id={requester} />],
                  [
                    t('useCase.businessOwner'),
                    businessOwner === null ? t('common.none') : <Person key="business" id={businessOwner} />,
                  ],
                  [
                    t('useCase.technicalOwner'),
                    technicalOwner === null ? (
                      t('common.none')
                    ) : (
                      <Person key="technical" id={technicalOwner} />
                    ),
                  ],
                ]}
              />
              <Link to={`/intake/${useCaseId}`}>{t('useCase.open')}</Link>
            </div>
          )}
        </Loaded>
      </Panel>
      <Panel title={t('useCase.whyTier')}>
        <Loaded read={explained}>
          {({ effective, computed, lowerIf }) => (
            <div className="stack">
              <Tier tier={effective} />
              <ul className="reasons">
                {computed.fired.map(({ id, tier, why }) => (
                  <li key={id}>
                    {t('tier.label', { tier })}: <Untrusted text={why} />
                  </li>
                ))}
              </ul>
              <p>{t('useCase.points', { points: computed.points })}</p>
              {computed.unknowns.length > 0 && (
                <p className="hatched">{t('useCase.unknowns', { keys: computed.unknowns.join(', ') })}</p>
              )}
              <h3>{t('useCase.lower')}</h3>
              {lowerIf.length === 0 ? (
                <p className="muted">{t('useCase.lowerNone')}</p>
              ) : (
                <ul className="reasons">
                  {lowerIf.map(({ key, to, tier }) => (
                    <li key={`${key} ${JSON.stringify(to)}`}>
                      <code>{key}</code> = <code>{typeof to === 'string' ? to : JSON.stringify(to)}</code>:{' '}
                      {t('tier.label', { tier })}
                    </li>
                  ))}
                </ul>
              )}
            </div>
          )}
        </Loaded>
      </Panel>
    </div>
  )
}
