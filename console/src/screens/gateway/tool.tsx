import { readTool } from '../../../../src/contracts/routes/tools.ts'
import type { ReplyOf } from '../../../../src/contracts/route.ts'
import { useRead } from '../../api/reading.ts'
import { useSearchMembers } from '../../frame/location.ts'
import { t, tCode } from '../../messages/tools.ts'
import { Id } from '../../ui/copy.tsx'
import { Facts } from '../../ui/facts.tsx'
import { Grid } from '../../ui/grid.tsx'
import { Note } from '../../ui/note.tsx'
import { Panel } from '../../ui/panel.tsx'
import { PendingScreen } from '../../ui/pending-screen.tsx'
import { PlaceName } from '../../ui/place-name.tsx'
import { Screen } from '../../ui/screen.tsx'
import { Time } from '../../ui/time.tsx'
import { Untrusted } from '../../ui/untrusted.tsx'
import { LineDiff } from './line-diff.tsx'
import { ToolTerms } from './tool-terms.tsx'
import { ToolStatus } from './tool-status.tsx'

export type ToolDetail = ReplyOf<typeof readTool>

/** One tool of a deployment: what was approved, what is seen, and what is registered of it. */
export function GatewayTool() {
  const { deployment = '', tool = '' } = useSearchMembers()
  const { data, error, refetch } = useRead(readTool, { query: { deployment, tool } })
  if (data === undefined)
    return <PendingScreen title={t('tool.name')} error={error} onRetry={() => void refetch()} />
  const { state, seen, pinned } = data
  return (
    <Screen
      title={`${t('tool.name')}: ${data.toolId.slice(0, 80)}`}
      heading={<Untrusted text={data.toolId} />}
      answer={tCode('tool.says', state)}
    >
      <div className="columns">
        <Panel title={t('tool.state')}>
          <Facts
            rows={[
              [t('tool.state'), <ToolStatus key="state" state={state} />],
              [t('gateway.deployment'), <PlaceName key="deployment" id={data.deploymentId} />],
              [t('tool.server'), <Untrusted key="server" text={data.server} />],
              [
                t('tool.effect'),
                data.effect === null ? t('common.none') : tCode('tool.effectOf', data.effect),
              ],
              [t('tool.autonomy'), data.autonomy ?? t('common.none')],
              [t('tool.pinned'), pinned === null ? t('common.none') : <Id key="pinned" id={pinned} />],
              [
                t('tool.seen'),
                seen === null ? (
                  data.lastSeenAt === null ? (
                    t('common.none')
                  ) : (
                    t('tool.unreadable')
                  )
                ) : (
                  <Id key="seen" id={seen} />
                ),
              ],
              [t('tool.last'), <Time key="last" at={data.lastSeenAt} both />],
            ]}
          />
        </Panel>
        {pinned !== null && (
          <Panel title={t('tool.terms')}>
            <ToolTerms key={JSON.stringify([data.terms, data.proposed])} tool={data} pinned={pinned} />
          </Panel>
        )}
      </div>
      <Definition tool={data} />
      {data.sightings.length > 0 && (
        <Panel title={t('tool.sightings')} flush>
          <Grid
            label={t('tool.sightings')}
            keyOf={({ digest }) => digest ?? ''}
            rows={data.sightings}
            columns={[
              {
                id: 'digest',
                header: t('tool.digest'),
                cell: ({ digest }) => (digest === null ? t('tool.unreadable') : <Id id={digest} />),
              },
              { id: 'first', header: t('tool.first'), cell: ({ firstSeenAt }) => <Time at={firstSeenAt} /> },
              { id: 'last', header: t('tool.last'), cell: ({ lastSeenAt }) => <Time at={lastSeenAt} /> },
            ]}
          />
        </Panel>
      )}
    </Screen>
  )
}

function Definition({ tool }: { readonly tool: ToolDetail }) {
  const { state, diff, pinnedText, seenText } = tool
  const text = seenText ?? pinnedText
  const isDiff = state === 'changed' && diff !== null
  const title = t(state === 'changed' ? 'tool.diff' : 'tool.definition')
  const lines = isDiff ? diff : (text ?? '').split('\n').map((line) => ({ k: 'same' as const, text: line }))
  return (
    <Panel title={title}>
      <div className="stack">
        {(text === null || (state === 'changed' && !isDiff)) && <Note>{t('tool.noText')}</Note>}
        {text !== null && (
          <>
            <p className="muted">{t('tool.foreign')}</p>
            <LineDiff lines={lines} label={title} />
          </>
        )}
      </div>
    </Panel>
  )
}
