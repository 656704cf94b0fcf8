import { Link } from '@tanstack/react-router'
import { readDeployment } from '../../../../src/contracts/routes/registry.ts'
import { useRead } from '../../api/reading.ts'
import { useAddress } from '../../frame/location.ts'
import { t, tCode } from '../../messages/registry.ts'
import { PendingScreen } from '../../ui/pending-screen.tsx'
import { Screen } from '../../ui/screen.tsx'
import { Untrusted } from '../../ui/untrusted.tsx'
import { PlacePanels } from './place-panel.tsx'

/** One place in which releases of a system run. */
export function Deployment() {
  const { id = '' } = useAddress()
  const { data, error, refetch } = useRead(readDeployment, { params: { id } }, { everyMs: 10_000 })
  if (data === undefined)
    return <PendingScreen title={t('gateway.deployment')} error={error} onRetry={() => void refetch()} />
  const environment = tCode('environment', data.environment)
  return (
    <Screen
      title={`${data.title}, ${environment}`}
      heading={
        <>
          <Untrusted text={data.title} />, {environment}
        </>
      }
      answer={
        <>
          {t('place.of')}{' '}
          <Link to={`/systems/${data.systemId}/deployments`}>
            <Untrusted text={data.title} />
          </Link>
        </>
      }
    >
      <PlacePanels place={data} />
    </Screen>
  )
}
