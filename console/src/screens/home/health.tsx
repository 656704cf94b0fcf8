import { Link } from '@tanstack/react-router'
import { ledgerStatus } from '../../../../src/contracts/routes/ledger.ts'
import type { ReplyOf } from '../../../../src/contracts/route.ts'
import type { readOverview } from '../../../../src/contracts/routes/home.ts'
import { problemIn } from '../../api/client.ts'
import { useRead } from '../../api/reading.ts'
import { t } from '../../messages/home.ts'
import { Facts } from '../../ui/facts.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Status } from '../../ui/status.tsx'
import { Time } from '../../ui/time.tsx'

/** Whether the ledger follows and the gateway seals. */
export function Health({ gateway }: { readonly gateway: ReplyOf<typeof readOverview>['gateway'] }) {
  const { calls, refused, lastAt } = gateway
  return (
    <Panel title={t('home.health')}>
      <Facts
        rows={[
          [t('home.healthLedger'), <LedgerHealth key="ledger" />],
          [
            t('home.healthGateway'),
            calls === null || refused === null
              ? t('home.healthCallsHidden')
              : t('home.healthCalls', { calls, refused }),
          ],
          [
            t('home.healthLast'),
            lastAt === null ? (
              <span className="muted">{t('home.healthNoTraffic')}</span>
            ) : (
              <Time key="last" at={lastAt} both />
            ),
          ],
        ]}
      />
    </Panel>
  )
}

function LedgerHealth() {
  const { data, error } = useRead(ledgerStatus, { query: {} }, { live: 'health' })
  if (data === undefined)
    return problemIn(error)?.code === 'FORBIDDEN' ? (
      <span className="muted">{t('home.healthCallsHidden')}</span>
    ) : (
      <Status state="unknown" />
    )
  return (
    <span className="row">
      <Status state={data.state} />{' '}
      <Link to="/ledger">{t('home.healthEntries', { size: data.size, queued: data.queued })}</Link>
    </span>
  )
}
