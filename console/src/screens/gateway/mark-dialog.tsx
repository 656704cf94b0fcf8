import { useState } from 'react'
import {
  guardMarkReasons,
  guardMarks,
  recordGuardFeedback,
} from '../../../../src/contracts/routes/guard-feedback.ts'
import { t, tCode } from '../../messages/guard.ts'
import { CommandDialog } from '../../ui/command-dialog.tsx'
import { RadioField, SelectField } from '../../ui/field.tsx'

export type Mark = (typeof guardMarks)[number]
const usual: Readonly<Record<Mark, (typeof guardMarkReasons)[number]>> = {
  true_positive: 'attack_confirmed',
  false_positive: 'not_what_it_says',
  benign_in_context: 'test_by_us',
}

/** Says of a finding what it was. The guard goes on as before: only a version of its policy changes it. */
export function MarkDialog({
  record,
  finding,
  rule,
  first,
  onClose,
}: {
  readonly record: string
  /** Its place among the findings of the record. */
  readonly finding: number
  readonly rule: string
  readonly first: Mark
  readonly onClose: () => void
}) {
  const [mark, setMark] = useState<Mark>(first)
  const [reason, setReason] = useState(usual[first])
  return (
    <CommandDialog
      route={recordGuardFeedback}
      input={() => ({ params: { record, finding: String(finding) }, body: { mark, reason } })}
      title={t('mark.title')}
      says={t('mark.text')}
      verb={t('mark.verb')}
      isReady
      told={t('mark.told')}
      onClose={onClose}
    >
      <p>
        <code>{rule}</code>
      </p>
      <RadioField
        label={t('feedback.mark')}
        value={mark}
        onChange={(value) => {
          const chosen = guardMarks.find((each) => each === value) ?? mark
          setMark(chosen)
          setReason(usual[chosen])
        }}
        options={guardMarks.map((value) => ({
          value,
          label: tCode('mark', value),
          help: tCode('markHelp', value),
        }))}
      />
      <SelectField
        label={t('mark.reason')}
        value={reason}
        onChange={(value) => setReason(guardMarkReasons.find((each) => each === value) ?? reason)}
        options={guardMarkReasons.map((value) => ({ value, label: tCode('markReason', value) }))}
      />
    </CommandDialog>
  )
}
