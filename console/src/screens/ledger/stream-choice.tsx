import { listUseCases } from '../../../../src/contracts/routes/intake.ts'
import { listPeople } from '../../../../src/contracts/routes/people.ts'
import { listSystems } from '../../../../src/contracts/routes/registry.ts'
import { useRead } from '../../api/reading.ts'
import { t } from '../../messages/ledger.ts'
import { actorChoice, asked, NameOr, placeChoice, useCaseChoice } from '../../ui/record-choices.tsx'
import type { Found } from '../../ui/record-combobox.tsx'
import type { RecordChoice } from '../../ui/record-filter.tsx'
import { streamFor } from './streams.ts'

/** The record whose history the entries are: found by its name; its stream, or its id, is taken too. */
export const streamChoice: RecordChoice = {
  useFound: (text) => {
    const query = { ...asked(text), limit: 4 }
    const useCases = useRead(listUseCases, { query }, { keepsLast: true })
    const systems = useRead(listSystems, { query }, { keepsLast: true })
    const people = useRead(listPeople, { query }, { keepsLast: true })
    const items: readonly Found[] = [
      ...(useCases.data?.items ?? []).map(({ id, title }) => ({
        id: `useCase/${id}`,
        name: title,
        note: t('intake.title'),
      })),
      ...(systems.data?.items ?? []).map(({ id, name }) => ({
        id: `system/${id}`,
        name,
        note: t('registry.name'),
      })),
      ...(people.data?.items ?? []).map(({ id, name }) => ({
        id: `person/${id}`,
        name: name ?? id,
        note: t('ledger.person'),
      })),
    ]
    return { items, isPending: useCases.isPending || systems.isPending || people.isPending, error: null }
  },
  Name: StreamName,
  none: t('ledger.noStream'),
  idIn: streamFor,
}

function StreamName({ id: stream }: { readonly id: string }) {
  const [kind = '', id = ''] = stream.split('/')
  switch (kind) {
    case 'useCase':
      return <useCaseChoice.Name id={id} />
    case 'system':
      return <SystemName id={id} />
    case 'deployment':
      return <placeChoice.Name id={id} />
    case 'person':
      return <actorChoice.Name id={id} />
    default:
      return <code>{stream}</code>
  }
}

function SystemName({ id }: { readonly id: string }) {
  const { data } = useRead(listSystems, { query: { q: id, limit: 1 } })
  return <NameOr id={id} name={data?.items[0]?.name} />
}
