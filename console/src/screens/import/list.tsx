import { Link } from '@tanstack/react-router'
import { listImports } from '../../../../src/contracts/routes/imports.ts'
import type { ItemOf } from '../../api/reading.ts'
import { t, tCode } from '../../messages/import.ts'
import { Person } from '../../ui/person.tsx'
import type { Column } from '../../ui/list-columns.ts'
import { RecordList } from '../../ui/record-list.tsx'
import { Screen } from '../../ui/screen.tsx'
import { Time } from '../../ui/time.tsx'
import { Untrusted } from '../../ui/untrusted.tsx'
import { Phase } from './words.tsx'

type Row = ItemOf<typeof listImports>
const phases = ['checking', 'unusable', 'planned', 'committing', 'done', 'aborted'] as const

const columns: readonly Column<Row>[] = [
  {
    id: 'file',
    header: t('import.file'),
    cell: ({ id, fileName }) => (
      <Link to={`/imports/${id}`}>
        <Untrusted text={fileName} />
      </Link>
    ),
    text: ({ fileName }) => fileName,
  },
  {
    id: 'phase',
    header: t('import.phase'),
    cell: ({ phase }) => <Phase phase={phase} />,
    text: ({ phase }) => tCode('import.phase', phase),
  },
  {
    id: 'rows',
    header: t('import.rows'),
    cell: ({ counts }) => (counts === null ? '' : t('import.countsShort', counts)),
    text: ({ counts }) => (counts === null ? '' : t('import.countsShort', counts)),
  },
  {
    id: 'by',
    header: t('import.by'),
    cell: ({ person }) => <Person id={person} />,
    text: ({ person }) => person,
  },
  {
    id: 'when',
    header: t('import.when'),
    cell: ({ createdAt }) => <Time at={createdAt} />,
    text: ({ createdAt }) => createdAt,
  },
]

/** What was imported, and what waits to be committed. */
export function ImportList() {
  return (
    <Screen
      title={t('import.list')}
      answer={t('import.listAnswer')}
      actions={
        <Link to="/imports/new" className="button primary">
          {t('import.new')}
        </Link>
      }
    >
      <RecordList
        id="imports"
        route={listImports}
        columns={columns}
        filters={[
          {
            name: 'phase',
            label: t('import.phase'),
            options: phases.map((phase) => ({ value: phase, label: tCode('import.phase', phase) })),
          },
        ]}
        hrefOf={({ id }) => `/imports/${id}`}
        keyOf={({ id }) => id}
        empty={t('import.none')}
        everyMs={5_000}
      />
    </Screen>
  )
}
