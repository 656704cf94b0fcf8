import { useState } from 'react'
import { askUseCase, readQuestionnaire } from '../../../../src/contracts/routes/intake.ts'
import { useRead } from '../../api/reading.ts'
import { t } from '../../messages/intake.ts'
import { CommandDialog } from '../../ui/command-dialog.tsx'
import { CheckField, TextField } from '../../ui/field.tsx'
import { Loaded } from '../../ui/loaded.tsx'
import type { DialogProps } from './act-dialogs.tsx'
import { questionnaireKey } from './questions.ts'

/** Asks about chosen answers. They are opened to the requester, and the triage clock pauses. */
export function AskDialog({ record, onClose }: DialogProps) {
  const questionnaire = useRead(readQuestionnaire, { params: { key: questionnaireKey } })
  const [keys, setKeys] = useState<readonly string[]>([])
  const [text, setText] = useState('')
  const [needle, setNeedle] = useState('')
  const toggle = (key: string) => (isOn: boolean) =>
    setKeys(isOn ? [...keys, key] : keys.filter((one) => one !== key))
  const fits = (label: string) => label.toLowerCase().includes(needle.trim().toLowerCase())
  return (
    <CommandDialog
      route={askUseCase}
      input={() => ({
        params: { id: record.id },
        body: { keys: [...keys], text },
        ifMatch: record.revision,
      })}
      title={t('act.ask')}
      says={t('act.askSays')}
      verb={t('act.askVerb', { count: keys.length })}
      whyNot={keys.length === 0 ? t('act.askChoose') : text.trim() === '' ? t('act.askWrite') : null}
      onClose={onClose}
    >
      <TextField label={t('act.askText')} rows={3} value={text} onChange={setText} />
      <TextField label={t('act.askFind')} type="search" value={needle} onChange={setNeedle} />
      <Loaded read={questionnaire} rows={6}>
        {({ sections, questions }) => (
          <div className="pick-list">
            {sections.map(({ key: section, title }) => {
              const own = questions.filter(
                (question) =>
                  question.section === section && (fits(question.label) || keys.includes(question.key)),
              )
              if (own.length === 0) return null
              return (
                <fieldset key={section} className="field">
                  <legend>{title}</legend>
                  {own.map(({ key, label }) => (
                    <CheckField key={key} label={label} checked={keys.includes(key)} onChange={toggle(key)} />
                  ))}
                </fieldset>
              )
            })}
          </div>
        )}
      </Loaded>
    </CommandDialog>
  )
}
