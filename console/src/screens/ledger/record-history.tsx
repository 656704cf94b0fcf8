import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { ledgerEntries } from '../../../../src/contracts/routes/ledger.ts'
import { usePages } from '../../api/reading.ts'
import { t } from '../../messages/ledger.ts'
import { Button } from '../../ui/button.tsx'
import { TextField } from '../../ui/field.tsx'
import { Go, membersOf } from '../../ui/go.tsx'
import { Bones, Empty, Failure } from '../../ui/loaded.tsx'
import { Note } from '../../ui/note.tsx'
import { Actor } from '../../ui/person.tsx'
import { Status } from '../../ui/status.tsx'
import { Time } from '../../ui/time.tsx'
import { checkEntries } from './check-entries.ts'
import type { EntryRow } from './entry-list.tsx'
import { fieldChanges, type FieldChange } from './history.ts'
import { FoldedTree } from './json-tree.tsx'
import { Kind } from './kind.tsx'
import { streamFor } from './streams.ts'
import type { Outcome } from './verify.ts'

/** Asks for an id; the address keeps it. */
export function AskId({
  tab,
  id,
  label,
  help,
  show,
}: {
  readonly tab: string
  readonly id: string
  readonly label: string
  readonly help?: string
  readonly show: string
}) {
  const navigate = useNavigate()
  const [text, setText] = useState(id)
  return (
    <form
      className="row ask-id"
      onSubmit={(event) => {
        event.preventDefault()
        void navigate(membersOf(`/audit?${new URLSearchParams({ tab, id: text.trim() }).toString()}`))
      }}
    >
      <TextField
        label={label}
        value={text}
        onChange={setText}
        isMono
        {...(help === undefined ? {} : { help })}
      />
      <Button type="submit" kind="primary" whyNot={text.trim() === '' ? label : null}>
        {show}
      </Button>
    </form>
  )
}

/** Everything that happened to one record, with what each fact changed and its proof. */
export function RecordHistory({ id }: { readonly id: string }) {
  const stream = streamFor(id)
  return (
    <div className="stack wide">
      <AskId
        key={id}
        tab="history"
        id={id}
        label={t('audit.historyId')}
        help={t('audit.historyHelp')}
        show={t('audit.historyShow')}
      />
      {id !== '' && stream === null && <Note tone="attention">{t('audit.historyUnknown')}</Note>}
      {stream !== null && <StreamHistory key={stream} stream={stream} empty={t('audit.historyNone')} />}
    </div>
  )
}

/** The entries of a stream, oldest first, each with the members that it changed. */
export function StreamHistory({
  stream,
  empty,
  keeps,
}: {
  readonly stream: string
  readonly empty: string
  readonly keeps?: (entry: EntryRow) => boolean
}) {
  const read = usePages(ledgerEntries, { stream })
  const [proved, setProved] = useState<ReadonlyMap<string, Outcome>>(new Map())
  const [done, setDone] = useState<number | null>(null)
  const all = read.data?.pages.flatMap(({ items }) => items)
  if (all === undefined)
    return read.error === null ? (
      <Bones rows={6} />
    ) : (
      <Failure error={read.error} onRetry={() => void read.refetch()} />
    )
  const changes = fieldChanges(all.map(({ facts }) => facts))
  const shown = all.flatMap((entry, i) =>
    keeps === undefined || keeps(entry) ? [{ entry, fields: changes[i] ?? [] }] : [],
  )
  if (shown.length === 0) return <Empty>{empty}</Empty>
  const check = async () => {
    setDone(0)
    const found = await checkEntries(
      shown.map(({ entry }) => entry),
      setDone,
    )
    setProved(new Map(found.map(({ entry, verified }) => [entry.id, verified.outcome])))
    setDone(null)
  }
  return (
    <div className="stack">
      <div className="row spread">
        <p className="muted">{t('audit.historyCount', { count: shown.length })}</p>
        <span className="row">
          {done !== null && (
            <span role="status" className="muted">
              {t('audit.evidenceChecking', { done, total: shown.length })}
            </span>
          )}
          <Button onClick={() => void check().catch(() => setDone(null))}>{t('audit.checkAll')}</Button>
        </span>
      </div>
      <ol className="timeline">
        {shown.map(({ entry, fields }) => (
          <li key={entry.id}>
            <div className="row">
              <Go to={`/ledger/entries/${entry.id}`}>{entry.index}</Go>
              <strong>
                <Kind kind={entry.kind} />
              </strong>
              <Actor id={entry.actor} />
              <span className="muted">
                <Time at={entry.at} both />
              </span>
              <Checked outcome={proved.get(entry.id)} />
            </div>
            <Fields fields={fields} />
          </li>
        ))}
      </ol>
      {read.hasNextPage && (
        <Button onClick={() => void read.fetchNextPage()}>{t('audit.historyMore')}</Button>
      )}
    </div>
  )
}

function Checked({ outcome }: { readonly outcome: Outcome | undefined }) {
  return outcome === undefined ? null : <Status state={outcome} />
}

function Fields({ fields }: { readonly fields: readonly FieldChange[] }) {
  if (fields.length === 0) return <p className="muted">{t('audit.noField')}</p>
  const hasBefore = fields.some(({ was }) => was !== undefined)
  return (
    <div className="table-scroll">
      <table className={hasBefore ? 'grid wrap fields before' : 'grid wrap fields'}>
        <thead>
          <tr>
            <th scope="col">{t('audit.field')}</th>
            {hasBefore && <th scope="col">{t('audit.was')}</th>}
            <th scope="col">{t('audit.is')}</th>
          </tr>
        </thead>
        <tbody>
          {fields.map(({ name, was, is }) => (
            <tr key={name}>
              <td>
                <code>{name}</code>
              </td>
              {hasBefore && (
                <td className={was === undefined ? undefined : 'diff-removed'}>
                  {was === undefined ? (
                    ''
                  ) : (
                    <FoldedTree name={name} value={was} words={t('audit.wholeValue')} />
                  )}
                </td>
              )}
              <td className="diff-added">
                <FoldedTree name={name} value={is} words={t('audit.wholeValue')} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
