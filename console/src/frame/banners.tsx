import { Link } from '@tanstack/react-router'
import { useIsFetching } from '@tanstack/react-query'
import { useSyncExternalStore } from 'react'
import { ledgerStatus } from '../../../src/contracts/routes/ledger.ts'
import { listStops } from '../../../src/contracts/routes/stops.ts'
import type { ReplyOf } from '../../../src/contracts/route.ts'
import type { readMe } from '../../../src/contracts/routes/identity.ts'
import { queries } from '../api/client.ts'
import { proofFromPerson } from '../api/proofs.ts'
import { useRead } from '../api/reading.ts'
import { useHearing } from '../api/stream.ts'
import { t } from '../messages/text.ts'
import type { Tone } from '../theme/palette.ts'
import { Button } from '../ui/button.tsx'
import { Shape } from '../ui/status.tsx'

type Me = ReplyOf<typeof readMe>

/** What holds for the whole installation and must not be missed, the most urgent first. */
export function Banners({ me }: { readonly me: Me }) {
  const ledger = useRead(ledgerStatus, {}, { live: 'health' })
  const stops = useRead(listStops, { query: { inForce: 'true', scope: 'installation' } }, { live: 'health' })
  const isOnline = useSyncExternalStore(onlineChanges, () => navigator.onLine)
  const isFetching = useIsFetching() > 0
  const isLost = !isOnline || (stops.isRefetchError && !isFetching)
  const isSilent = useHearing() === 'lost'
  return (
    <>
      {ledger.data?.state === 'halted' && (
        <Banner tone="breach">
          {t('frame.ledgerFault', { state: ledger.data.detail ?? ledger.data.state })}
        </Banner>
      )}
      {(stops.data?.items.length ?? 0) > 0 && (
        <Banner tone="stopped">
          {t('frame.installationStopped')} <Link to="/stops">{t('frame.stopsLink')}</Link>
        </Banner>
      )}
      {me.needsSecondFactor && (
        <Banner tone="attention">
          {t('frame.secondFactor')}{' '}
          <Button
            onClick={() =>
              void proofFromPerson({ k: 'step_up', proof: 'recent_auth' }).then(() =>
                queries.invalidateQueries(),
              )
            }
          >
            {t('frame.secondFactorProve')}
          </Button>
        </Banner>
      )}
      {me.isBootstrap && (
        <Banner tone="attention">
          {t('frame.bootstrap')} <Link to="/">{t('frame.bootstrapLink')}</Link>
        </Banner>
      )}
      {me.isDemo && <Banner tone="pending">{t('frame.demo')}</Banner>}
      {isLost && <Banner tone="attention">{t('frame.connectionLost')}</Banner>}
      {isSilent && !isLost && <Banner tone="attention">{t('frame.silent')}</Banner>}
    </>
  )
}

function Banner({ tone, children }: { readonly tone: Tone; readonly children: React.ReactNode }) {
  return (
    <div className={`banner tone-${tone}`} role="status">
      <Shape tone={tone} />
      <span className="text">{children}</span>
    </div>
  )
}

function onlineChanges(listener: () => void): () => void {
  window.addEventListener('online', listener)
  window.addEventListener('offline', listener)
  return () => {
    window.removeEventListener('online', listener)
    window.removeEventListener('offline', listener)
  }
}
