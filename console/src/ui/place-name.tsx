import { Link } from '@tanstack/react-router'
import { readDeployment } from '../../../src/contracts/routes/registry.ts'
import { useRead } from '../api/reading.ts'
import { tCode } from '../messages/text.ts'
import { shortened } from './copy.tsx'
import { Untrusted } from './untrusted.tsx'

/** A deployment by the name of its use case and its environment, with the way to it. */
export function PlaceName({ id }: { readonly id: string }) {
  return (
    <Link to={`/deployments/${id}`} title={id}>
      <PlaceTitle id={id} />
    </Link>
  )
}

/** A deployment by the name of its use case and its environment; by id while it loads or where it may not be read. */
export function PlaceTitle({ id }: { readonly id: string }) {
  const { data } = useRead(readDeployment, { params: { id } })
  if (data === undefined) return <code title={id}>{shortened(id)}</code>
  return (
    <>
      <Untrusted text={data.title} />, {tCode('environment', data.environment)}
    </>
  )
}
