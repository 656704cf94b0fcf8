import { Link } from '@tanstack/react-router'
import { t } from '../../messages/tools.ts'
import { shortened } from '../../ui/copy.tsx'
import { Grid } from '../../ui/grid.tsx'
import { Panel } from '../../ui/panel.tsx'
import { PlaceName } from '../../ui/place-name.tsx'
import { Untrusted } from '../../ui/untrusted.tsx'
import { shadowText } from './policy-version.ts'
import type { PolicyRecord } from './policy-record.ts'
import { Decided } from './policy-decision.tsx'

/** What a version would have decided otherwise while it was decided beside live calls. */
export function ShadowDifferences({ policy }: { readonly policy: PolicyRecord }) {
  const { differing, shadowCalls } = policy
  return (
    <Panel title={t('policy.shadow')}>
      <p>{shadowText(policy)}</p>
      {differing.length === 0 ? (
        <p className="muted">{t(shadowCalls === 0 ? 'policy.shadowNothing' : 'policy.shadowNone')}</p>
      ) : (
        <Grid
          label={t('policy.shadow')}
          rows={differing}
          keyOf={({ deploymentId, toolId, outcome, shadowOutcome }) =>
            [deploymentId, toolId, outcome, shadowOutcome].join(' ')
          }
          columns={[
            { id: 'tool', header: t('tool.name'), cell: ({ toolId }) => <Untrusted text={toolId} /> },
            {
              id: 'deployment',
              header: t('gateway.deployment'),
              cell: ({ deploymentId }) => <PlaceName id={deploymentId} />,
            },
            { id: 'was', header: t('policy.was'), cell: ({ outcome }) => <Decided outcome={outcome} /> },
            {
              id: 'would',
              header: t('policy.would'),
              cell: ({ shadowOutcome }) => <Decided outcome={shadowOutcome} />,
            },
            { id: 'calls', header: t('policy.calls'), align: 'end', cell: ({ calls }) => calls },
            {
              id: 'last',
              header: t('policy.lastCall'),
              cell: ({ lastRecord }) => (
                <Link to={`/gateway/records/${lastRecord}`}>
                  <code>{shortened(lastRecord)}</code>
                </Link>
              ),
            },
          ]}
        />
      )}
    </Panel>
  )
}
