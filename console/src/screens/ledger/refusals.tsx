import { listRefusals } from '../../../../src/contracts/routes/refusals.ts'
import type { ItemOf } from '../../api/reading.ts'
import { t, tCode } from '../../messages/ledger.ts'
import { Go } from '../../ui/go.tsx'
import { Actor } from '../../ui/person.tsx'
import type { Column } from '../../ui/list-columns.ts'
import { actorChoice } from '../../ui/record-choices.tsx'
import { RecordList } from '../../ui/record-list.tsx'
import { Time } from '../../ui/time.tsx'
import { historyPath } from './streams.ts'

type Row = ItemOf<typeof listRefusals>

const columns: readonly Column<Row>[] = [
  { id: 'at', header: t('audit.column.at'), cell: ({ at }) => <Time at={at} both />, text: ({ at }) => at },
  {
    id: 'actor',
    header: t('audit.column.actor'),
    cell: ({ actor }) => <Actor id={actor} />,
    text: ({ actor }) => actor,
  },
  {
    id: 'command',
    header: t('audit.column.command'),
    cell: ({ command }) => <code>{command}</code>,
    text: ({ command }) => command,
  },
  {
    id: 'codes',
    header: t('audit.column.codes'),
    cell: ({ codes }) => codes.map((code) => tCode('reason', code)).join(' '),
    text: ({ codes }) => codes.join(' '),
  },
  {
    id: 'subject',
    header: t('audit.column.subject'),
    cell: ({ subject }) => (
      <Go to={historyPath(subject)}>
        <code>{subject}</code>
      </Go>
    ),
    text: ({ subject }) => subject,
  },
]

/** Who tried what, and why it was refused. */
export function Refusals() {
  return (
    <RecordList
      id="refusals"
      route={listRefusals}
      columns={columns}
      filters={[
        { name: 'actor', label: t('audit.filter.actor'), choice: actorChoice },
        { name: 'command', label: t('audit.filter.command') },
        { name: 'code', label: t('audit.filter.code') },
      ]}
      keyOf={({ id }) => id}
      empty={t('audit.refusalsNone')}
    />
  )
}
