import { Link } from '@tanstack/react-router'
import { readDeployment } from '../../../src/contracts/routes/registry.ts'
import { useRead } from '../api/reading.ts'
import { tCode } from '../messages/text.ts'
import { shortened } from './copy.tsx'
import { Untrusted } from './untrusted.tsx'

/** A deployment by the name of its use case and its environment; by id while it loads or where it may not be read. */
export function PlaceName({ id }: { readonly id: string }) {
  const { data } = useRead(readDeployment, { params: { id } })
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
