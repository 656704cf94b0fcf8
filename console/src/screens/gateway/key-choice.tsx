import { listGatewayKeys } from '../../../../src/contracts/routes/gateway.ts'
import { useRead } from '../../api/reading.ts'
import { t } from '../../messages/gateway.ts'
import { asked, idOf, NameOr } from '../../ui/record-choices.tsx'
import type { RecordChoice } from '../../ui/record-filter.tsx'
import { PlaceTitle } from '../../ui/place-name.tsx'

/** A key of the gateway: its agent, and where that knocks. */
export const keyChoice: RecordChoice = {
  useFound: (text) => {
    const { data, isPending, error } = useRead(listGatewayKeys, { query: asked(text) }, { keepsLast: true })
    const items = (data?.items ?? []).map(({ id, agent, deploymentId }) => ({
      id,
      name: agent,
      note: <PlaceTitle id={deploymentId} />,
    }))
    return { items, isPending, error }
  },
  Name: ({ id }) => {
    const { data } = useRead(listGatewayKeys, { query: { q: id, limit: 1 } })
    return <NameOr id={id} name={data?.items[0]?.agent} />
  },
  none: t('gateway.noKey'),
  idIn: idOf('key'),
}
