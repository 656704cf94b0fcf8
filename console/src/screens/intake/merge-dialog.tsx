import { useEffect, useState } from 'react'
import { listUseCases, mergeUseCase } from '../../../../src/contracts/routes/intake.ts'
import { useRead } from '../../api/reading.ts'
import { t, tCode } from '../../messages/intake.ts'
import { CommandDialog } from '../../ui/command-dialog.tsx'
import { RadioField, TextField } from '../../ui/field.tsx'
import type { DialogProps } from './act-dialogs.tsx'
import { useDuplicates } from './duplicates.tsx'

/** Says that the request is the same as another. What looks alike is offered first; others are found by title or id. */
export function MergeDialog({ record, onClose }: DialogProps) {
  const [into, setInto] = useState<string | null>(null)
  const [text, setText] = useState('')
  const [settled, setSettled] = useState('')
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text.trim()), 200)
    return () => clearTimeout(timer)
  }, [text])
  const alike = useDuplicates(record.id).data?.items ?? []
  const found = useRead(
    listUseCases,
    { query: { q: settled, limit: 10 } },
    { enabled: settled !== '', keepsLast: true },
  )
  const options =
    settled === ''
      ? alike.map(({ id, title, scoreBp }) => ({
          value: id as string,
          label: title,
          help: t('intake.likeness', { share: scoreBp / 10_000 }),
        }))
      : (found.data?.items ?? [])
          .filter(({ id }) => id !== record.id)
          .map(({ id, title, state }) => ({
            value: id as string,
            label: title,
            help: tCode('state', state),
          }))
  return (
    <CommandDialog
      route={mergeUseCase}
      input={() => ({ params: { id: record.id }, body: { into: into ?? '' }, ifMatch: record.revision })}
      title={t('act.merge')}
      says={t('act.mergeSays')}
      verb={t('act.mergeVerb')}
      whyNot={into === null ? t('act.mergeChoose') : null}
      onClose={onClose}
    >
      <TextField label={t('act.mergeFind')} type="search" value={text} onChange={setText} />
      {options.length === 0 ? (
        <p className="muted" role="status">
          {settled === '' ? t('intake.noDuplicates') : t('common.emptyNoneMatch')}
        </p>
      ) : (
        <RadioField label={t('act.mergeInto')} value={into} onChange={setInto} options={options} />
      )}
    </CommandDialog>
  )
}
