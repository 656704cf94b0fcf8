import { listTools, toolStates } from '../../../../src/contracts/routes/tools.ts'
import type { ItemOf } from '../../api/reading.ts'
import { t, tCode } from '../../messages/tools.ts'
import { Go } from '../../ui/go.tsx'
import type { Column } from '../../ui/list-columns.ts'
import { PlaceName } from '../../ui/place-name.tsx'
import { RecordList } from '../../ui/record-list.tsx'
import { Time } from '../../ui/time.tsx'
import { Untrusted } from '../../ui/untrusted.tsx'
import { GatewayScreen } from './gateway-screen.tsx'
import { ToolStatus } from './tool-status.tsx'

type ToolRow = ItemOf<typeof listTools>

/** Every tool of a deployment, and whether it is still the one that was approved. */
export function GatewayTools() {
  return (
    <GatewayScreen tab="tools" answer={t('tool.answer')}>
      <RecordList
        id="gateway-tools"
        route={listTools}
        columns={columns}
        filters={[
          {
            name: 'state',
            label: t('tool.state'),
            options: toolStates.map((value) => ({ value, label: tCode('tool.stateOf', value) })),
          },
          { name: 'server', label: t('tool.server') },
          { name: 'q', label: t('tool.name') },
          { name: 'system', label: t('tool.system'), isFurther: true },
        ]}
        keyOf={({ toolId, deploymentId }) => `${deploymentId} ${toolId}`}
        hrefOf={hrefOf}
        empty={t('tool.none')}
      />
    </GatewayScreen>
  )
}

function hrefOf({ deploymentId, toolId }: ToolRow): string {
  return `/gateway/tool?${new URLSearchParams({ deployment: deploymentId, tool: toolId }).toString()}`
}

const columns: readonly Column<ToolRow>[] = [
  {
    id: 'tool',
    header: t('tool.name'),
    cell: (row) => (
      <Go to={hrefOf(row)}>
        <Untrusted text={row.toolId} />
      </Go>
    ),
    text: ({ toolId }) => toolId,
  },
  {
    id: 'state',
    leaves: 'last',
    header: t('tool.state'),
    cell: ({ state }) => <ToolStatus state={state} />,
    text: ({ state }) => state,
  },
  {
    id: 'deployment',
    header: t('gateway.deployment'),
    cell: ({ deploymentId }) => <PlaceName id={deploymentId} />,
    text: ({ title, environment }) => `${title} ${environment}`,
  },
  {
    id: 'server',
    header: t('tool.server'),
    cell: ({ server }) => <Untrusted text={server} />,
    text: ({ server }) => server,
  },
  {
    id: 'effect',
    header: t('tool.effect'),
    cell: ({ effect }) => (effect === null ? t('common.none') : tCode('tool.effectOf', effect)),
    text: ({ effect }) => effect ?? '',
  },
  {
    id: 'autonomy',
    header: t('tool.autonomy'),
    cell: ({ autonomy }) => autonomy ?? t('common.none'),
    text: ({ autonomy }) => autonomy ?? '',
  },
  {
    id: 'last',
    header: t('tool.last'),
    cell: ({ lastSeenAt }) => <Time at={lastSeenAt} />,
    text: ({ lastSeenAt }) => lastSeenAt ?? '',
  },
]
