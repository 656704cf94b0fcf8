import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import {
  abortImport,
  commitImport,
  importErrors,
  listImportRows,
  readImport,
} from '../../../../src/contracts/routes/imports.ts'
import { api } from '../../api/client.ts'
import { useCommand } from '../../api/command.ts'
import { useRead } from '../../api/reading.ts'
import { useMe } from '../../api/session.ts'
import { useAddress } from '../../frame/location.ts'
import { usePageCommands } from '../../frame/page-commands.ts'
import { t, tCode } from '../../messages/import.ts'
import { Button } from '../../ui/button.tsx'
import { Id } from '../../ui/copy.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Facts } from '../../ui/facts.tsx'
import { RadioField } from '../../ui/field.tsx'
import { Loaded } from '../../ui/loaded.tsx'
import { Note } from '../../ui/note.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Person } from '../../ui/person.tsx'
import { Outcome, Reasons } from '../../ui/outcome.tsx'
import { save } from '../../ui/save-file.ts'
import { Screen } from '../../ui/screen.tsx'
import { Time } from '../../ui/time.tsx'
import { Untrusted } from '../../ui/untrusted.tsx'
import { ColumnMapping } from './column-mapping.tsx'
import { RowDetail } from './row-detail.tsx'
import { ImportRows } from './rows.tsx'
import { answerOf, Phase, sizeOf, type Import } from './words.tsx'

const isMoving = (phase: Import['phase'] | undefined) => phase === 'checking' || phase === 'committing'

/** One import from its file to its end: columns, rows, commit, report. */
export function ImportScreen() {
  const { id = '' } = useAddress()
  const [phase, setPhase] = useState<Import['phase']>()
  const read = useRead(readImport, { params: { id } }, isMoving(phase) ? { live: `import:${id}` } : {})
  const { data } = read
  if (data !== undefined && data.phase !== phase) setPhase(data.phase)
  const queries = useQueryClient()
  useEffect(() => {
    // What was read of the rows while they were worked on is not how they ended.
    if (phase !== undefined && !isMoving(phase))
      void queries.invalidateQueries({ queryKey: [listImportRows.id] })
  }, [phase, queries])
  return (
    <Screen
      title={t('import.one')}
      {...(data === undefined ? {} : { answer: answerOf(data), actions: <Actions record={data} /> })}
    >
      <Loaded read={read} rows={12}>
        {(record) => <Content record={record} />}
      </Loaded>
    </Screen>
  )
}

function Content({ record }: { readonly record: Import }) {
  const { phase, faults, columns, counts } = record
  const used = columns.filter(({ to }) => to !== null).length
  return (
    <div className="stack">
      {isMoving(phase) && <Progress record={record} />}
      {faults.length > 0 && (
        <Note tone={phase === 'aborted' ? 'breach' : 'attention'}>
          <p>{phase === 'aborted' ? t('import.refusedAtOnce') : t('import.faults')}</p>
          <Reasons reasons={faults} />
        </Note>
      )}
      {phase === 'unusable' && <Columns record={record} />}
      {counts !== null && <RowDetail id={record.id} />}
      {phase !== 'unusable' && (
        <Panel title={t('import.rows')}>
          <ImportRows record={record} />
        </Panel>
      )}
      {phase !== 'unusable' && (
        <details className="folded">
          <summary>
            {t('import.columns')}{' '}
            <span className="muted">{t('import.columnsSummary', { used, left: columns.length - used })}</span>
          </summary>
          <ColumnMapping record={record} isOpen={phase === 'planned'} />
        </details>
      )}
      <About record={record} />
    </div>
  )
}

function Columns({ record }: { readonly record: Import }) {
  return (
    <Panel title={t('import.columns')}>
      <ColumnMapping record={record} isOpen />
    </Panel>
  )
}

const delimiterWords: Readonly<Record<string, string>> = {
  ',': t('import.delimiterComma'),
  ';': t('import.delimiterSemicolon'),
  '\t': t('import.delimiterTab'),
}

function About({ record }: { readonly record: Import }) {
  return (
    <Panel title={t('import.about')}>
      <Facts
        rows={[
          [t('import.file'), <Untrusted key="f" text={record.fileName} />],
          [t('import.phase'), <Phase key="p" phase={record.phase} />],
          [t('import.size'), sizeOf(record.fileBytes)],
          [t('import.delimiter'), delimiterWords[record.delimiter] ?? record.delimiter],
          [t('import.digest'), <Id key="d" id={record.fileDigest} />],
          [t('import.by'), <Person key="b" id={record.person} />],
          [t('import.when'), <Time key="w" at={record.createdAt} both />],
        ]}
      />
    </Panel>
  )
}

function Progress({ record }: { readonly record: Import }) {
  const { done, total } = record.progress
  const text = total === null ? t('import.progressUnknown') : t('import.progress', { done, total })
  return (
    <div className="progress">
      <progress
        aria-label={tCode('import.phase', record.phase)}
        {...(total === null ? {} : { value: done, max: total })}
      />
      <span className="num">{text}</span>
    </div>
  )
}

/** What may be done with the import as it stands. */
function Actions({ record }: { readonly record: Import }) {
  const me = useMe().data
  const [open, setOpen] = useState<'commit' | 'abort' | null>(null)
  const { id, phase, counts, applied } = record
  const isOver = phase === 'done' || phase === 'aborted'
  const hasErrors = (counts?.error ?? 0) + applied.failed > 0
  const isNothing = counts !== null && counts.create + counts.update === 0
  const whyNot =
    me !== undefined && me.person !== record.person
      ? t('import.whyNotYours')
      : isNothing
        ? t('import.whyNothing')
        : null
  const canCommit = phase === 'planned'
  usePageCommands([
    ...(canCommit && whyNot === null
      ? [{ label: t('import.commit'), run: () => setOpen('commit'), key: 'v' }]
      : []),
    ...(isOver ? [] : [{ label: t('import.abort'), run: () => setOpen('abort'), key: 'S' }]),
  ])
  return (
    <>
      {hasErrors && <ErrorsButton id={id} />}
      {!isOver && (
        <Button kind="danger" onClick={() => setOpen('abort')}>
          {t('import.abort')}
        </Button>
      )}
      {canCommit && (
        <Button kind="primary" onClick={() => setOpen('commit')} whyNot={whyNot}>
          {t('import.commit')}
        </Button>
      )}
      <CommitDialog record={record} open={open === 'commit'} onClose={() => setOpen(null)} />
      <AbortDialog record={record} open={open === 'abort'} onClose={() => setOpen(null)} />
    </>
  )
}

function ErrorsButton({ id }: { readonly id: Import['id'] }) {
  const [hasFailed, setFailed] = useState(false)
  const run = () => {
    setFailed(false)
    api.call(importErrors, { params: { id } }).then(
      (text) => save(new Blob([text], { type: 'text/csv' }), `${id}-errors.csv`),
      () => setFailed(true),
    )
  }
  return (
    <>
      {hasFailed && <span role="alert">{t('common.loadFailed')}</span>}
      <Button onClick={run}>{t('import.downloadErrors')}</Button>
    </>
  )
}

type LayerProps = { readonly record: Import; readonly open: boolean; readonly onClose: () => void }
const maxAtomic = 1_000

function CommitDialog({ record, open, onClose }: LayerProps) {
  const counts = record.counts ?? { create: 0, update: 0, unchanged: 0, error: 0 }
  const whyNotAtomic =
    counts.error > 0
      ? t('import.whyErrors', { count: counts.error })
      : counts.create + counts.update > maxAtomic
        ? t('import.whyLarge')
        : null
  const [chosen, setChosen] = useState<'atomic' | 'skip_errors' | null>(null)
  const mode = chosen ?? (whyNotAtomic === null ? 'atomic' : 'skip_errors')
  const commit = useCommand(commitImport, onClose)
  const { id, planDigest } = record
  const send = () => {
    if (planDigest !== null) void commit.send({ params: { id }, body: { planDigest, mode } })
  }
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title={t('import.commitTitle')}
      footer={
        <>
          <Button onClick={onClose}>{t('common.cancel')}</Button>
          <Button kind="primary" onClick={send}>
            {t('import.commit')}
          </Button>
        </>
      }
    >
      <p>{t('import.commitWords', counts)}</p>
      <RadioField
        label={t('import.mode')}
        value={mode}
        onChange={(value) => setChosen(value === 'atomic' ? 'atomic' : 'skip_errors')}
        options={[
          {
            value: 'atomic',
            label: t('import.mode.atomic'),
            help: whyNotAtomic ?? t('import.mode.atomicHelp'),
            whyNot: whyNotAtomic,
          },
          {
            value: 'skip_errors',
            label: t('import.mode.skip'),
            help: t('import.mode.skipHelp', { error: counts.error }),
          },
        ]}
      />
      <Outcome state={commit.state} onRetry={send} />
    </Dialog>
  )
}

function AbortDialog({ record, open, onClose }: LayerProps) {
  const abort = useCommand(abortImport, onClose)
  const send = () => void abort.send({ params: { id: record.id }, body: {} })
  const isRunning = record.phase === 'committing'
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title={t('import.abortTitle')}
      footer={
        <>
          <Button onClick={onClose}>{t('common.cancel')}</Button>
          <Button kind="danger" onClick={send}>
            {t('import.abort')}
          </Button>
        </>
      }
    >
      <p>{isRunning ? t('import.abortRunning') : t('import.abortChecked')}</p>
      <Outcome state={abort.state} onRetry={send} />
    </Dialog>
  )
}
