import { useParams } from '@tanstack/react-router'
import { readSystem } from '../../../../src/contracts/routes/registry.ts'
import { useRead } from '../../api/reading.ts'
import { t } from '../../messages/print.ts'
import { tCode } from '../../messages/registry.ts'
import { PendingScreen } from '../../ui/pending-screen.tsx'
import { PrintSheet } from '../print/sheet.tsx'
import { SystemHeader } from './system-header.tsx'
import { systemPartNames, systemParts } from './system-parts.ts'

/** Everything that the page of a system shows, one part after the other. */
export function SystemDossier() {
  const { id = '' } = useParams({ strict: false })
  const { data, error, refetch } = useRead(readSystem, { params: { id } })
  if (data === undefined)
    return <PendingScreen title={t('print.print')} error={error} onRetry={() => void refetch()} />
  return (
    <PrintSheet
      title={t('print.systemTitle', { title: data.name })}
      scope={t('print.systemScope', { id })}
      back={`/systems/${id}`}
      data={data}
      streams={[`system/${id}`, `useCase/${data.useCaseId}`]}
    >
      <SystemHeader system={data} />
      {systemPartNames.map((tab) => {
        const Content = systemParts[tab]
        return (
          <div key={tab} className="stack">
            <h2>{tCode('system.tab', tab)}</h2>
            <Content system={data} />
          </div>
        )
      })}
    </PrintSheet>
  )
}
