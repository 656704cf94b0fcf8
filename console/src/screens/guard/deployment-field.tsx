import { listRoutes } from '../../../../src/contracts/routes/gateway.ts'
import { useRead } from '../../api/reading.ts'
import { t, tCode } from '../../messages/guard.ts'
import { SelectField } from '../../ui/field.tsx'

/** Chooses a deployment that has traffic. */
export function DeploymentField({
  value,
  onChange,
  empty,
  label = t('gateway.deployment'),
}: {
  readonly value: string
  readonly onChange: (id: string) => void
  /** What no choice means. */
  readonly empty: string
  readonly label?: string
}) {
  const routes = useRead(listRoutes, { query: { limit: 200 } })
  return (
    <SelectField
      label={label}
      value={value}
      onChange={onChange}
      empty={empty}
      options={(routes.data?.items ?? []).map((route) => ({
        value: route.deploymentId,
        label: `${route.title}, ${tCode('environment', route.environment)}`,
      }))}
    />
  )
}
