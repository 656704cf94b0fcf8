import { Link } from '@tanstack/react-router'
import { readDeployment } from '../../../../src/contracts/routes/registry.ts'
import { useRead } from '../../api/reading.ts'
import { t, tCode } from '../../messages/gateway.ts'
import { shortened } from '../../ui/copy.tsx'
import { Untrusted } from '../../ui/untrusted.tsx'

/** A deployment by the name of its use case and its environment; by id while it loads or where it may not be read. */
export function PlaceName({ id }: { readonly id: string | null }) {
  const { data } = useRead(readDeployment, { params: { id: id ?? '' } }, { enabled: id !== null })
  if (id === null) return <span className="muted">{t('gateway.nobody')}</span>
  return (
    <Link to={`/deployments/${id}`} title={id}>
      {data === undefined ? (
        <code>{shortened(id)}</code>
      ) : (
        <>
          <Untrusted text={data.title} />, {tCode('environment', data.environment)}
        </>
      )}
    </Link>
  )
}
