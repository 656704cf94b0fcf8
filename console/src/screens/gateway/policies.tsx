import { Link } from '@tanstack/react-router'
import { listToolPolicies } from '../../../../src/contracts/routes/tool-policies.ts'
import { useRead } from '../../api/reading.ts'
import { useMe } from '../../api/session.ts'
import { t, tCode } from '../../messages/tools.ts'
import { Id } from '../../ui/copy.tsx'
import { Grid } from '../../ui/grid.tsx'
import { Empty, Loaded } from '../../ui/loaded.tsx'
import { Status } from '../../ui/status.tsx'
import { GatewayScreen } from './gateway-screen.tsx'
import { pathOf, shadowText, versionName, type PolicyVersion } from './policy-version.ts'

/** Every version of the policies about tools, those that ship first. */
export function ToolPolicies() {
  const read = useRead(listToolPolicies, {})
  const mayWrite = useMe().data?.permissions.includes('toolPolicy.write') === true
  return (
    <GatewayScreen
      tab="policies"
      answer={t('policy.answer')}
      actions={
        mayWrite && (
          <Link className="button" to="/gateway/policies/new">
            {t('policy.new')}
          </Link>
        )
      }
    >
      <Loaded read={read}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty>{t('policy.none')}</Empty>
          ) : (
            <Grid
              label={t('gateway.tab.policies')}
              rows={items}
              keyOf={({ key, version }) => `${key}.${version}`}
              columns={columns}
            />
          )
        }
      </Loaded>
    </GatewayScreen>
  )
}

const columns = [
  {
    id: 'key',
    header: t('policy.key'),
    cell: (row: PolicyVersion) => <Link to={pathOf(row)}>{versionName(row)}</Link>,
  },
  { id: 'stage', header: t('policy.stage'), cell: ({ stage }: PolicyVersion) => <Status state={stage} /> },
  {
    id: 'origin',
    header: t('policy.origin'),
    cell: ({ origin }: PolicyVersion) => tCode('policy.originOf', origin),
  },
  {
    id: 'deployments',
    header: t('policy.deployments'),
    align: 'end' as const,
    cell: ({ deployments }: PolicyVersion) => deployments,
  },
  { id: 'shadow', header: t('policy.differences'), cell: shadowText },
  {
    id: 'digest',
    header: t('tool.digest'),
    cell: ({ digest }: PolicyVersion) => (digest === null ? t('common.none') : <Id id={digest} />),
  },
]
