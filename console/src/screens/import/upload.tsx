import { useNavigate } from '@tanstack/react-router'
import { useId, useState, type DragEvent } from 'react'
import { uploadImport } from '../../../../src/contracts/routes/imports.ts'
import { readQuestionnaire } from '../../../../src/contracts/routes/intake.ts'
import { useCommand } from '../../api/command.ts'
import { useRead } from '../../api/reading.ts'
import { t } from '../../messages/import.ts'
import { Button } from '../../ui/button.tsx'
import { csvText } from '../../ui/list-query.ts'
import { Panel } from '../../ui/panel.tsx'
import { Outcome } from '../../ui/outcome.tsx'
import { save } from '../../ui/save-file.ts'
import { Screen } from '../../ui/screen.tsx'
import { Untrusted } from '../../ui/untrusted.tsx'
import { questionnaireKey } from '../intake/questions.ts'
import { recordTargets, templateColumns } from './targets.ts'
import { sizeOf } from './words.tsx'

const maxBytes = 50 * 1_048_576

type Chosen = { readonly name: string; readonly bytes: number; readonly text: string }

/** Chooses a file and hands it over. The record that comes of it has an address of its own. */
export function ImportUpload() {
  const navigate = useNavigate()
  const id = useId()
  const [chosen, setChosen] = useState<Chosen | null>(null)
  const [fault, setFault] = useState<string | null>(null)
  const [isOver, setOver] = useState(false)
  const form = useRead(readQuestionnaire, { params: { key: questionnaireKey } })
  const upload = useCommand(uploadImport, ({ id: made }) => void navigate({ to: `/imports/${made}` }))
  const take = async (file: File | undefined) => {
    if (file === undefined) return
    upload.reset()
    const read = await readFile(file)
    setChosen(typeof read === 'string' ? null : read)
    setFault(typeof read === 'string' ? read : null)
  }
  const onDrop = (event: DragEvent) => {
    event.preventDefault()
    setOver(false)
    void take(event.dataTransfer.files[0])
  }
  const send = () => {
    if (chosen === null) return
    void upload.send({ body: { fileName: chosen.name, text: chosen.text } })
  }
  return (
    <Screen title={t('import.uploadTitle')} answer={t('import.uploadAnswer')}>
      <div className="stack">
        <div
          className={isOver ? 'drop over' : 'drop'}
          onDragOver={(event) => {
            event.preventDefault()
            setOver(true)
          }}
          onDragLeave={() => setOver(false)}
          onDrop={onDrop}
        >
          <label htmlFor={id}>{t('import.drop')}</label>
          <input
            id={id}
            type="file"
            accept=".csv,.txt,.tsv,text/csv"
            aria-describedby={`${id}-help`}
            onChange={(event) => void take(event.target.files?.[0])}
          />
          <p id={`${id}-help`} className="muted">
            {t('import.dropHelp')}
          </p>
          {chosen !== null && (
            <p role="status">
              <Untrusted text={chosen.name} /> · {t('import.chosen', { size: sizeOf(chosen.bytes) })}
            </p>
          )}
          {fault !== null && (
            <p role="alert" className="tone-breach">
              {fault}
            </p>
          )}
        </div>
        <div className="row">
          <Button kind="primary" onClick={send} whyNot={chosen === null ? t('import.noFile') : null}>
            {t('import.upload')}
          </Button>
        </div>
        <Outcome state={upload.state} onRetry={send} />
        <Panel title={t('import.columnsOf')}>
          <div className="stack">
            <p className="measure">{t('import.columnsHelp')}</p>
            <div>
              <Button
                whyNot={form.data === undefined ? t('common.loading') : null}
                onClick={() => {
                  const headers = [...recordTargets, ...templateColumns(form.data?.questions ?? [])]
                  save(new Blob([csvText(headers, [])], { type: 'text/csv' }), 'use-cases-template.csv')
                }}
              >
                {t('import.template')}
              </Button>
            </div>
          </div>
        </Panel>
      </div>
    </Screen>
  )
}

/** The text of a file; else what is wrong with it, in words. */
async function readFile(file: File): Promise<Chosen | string> {
  if (file.size > maxBytes) return t('import.tooLarge')
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(await file.arrayBuffer())
    return { name: file.name, bytes: file.size, text }
  } catch {
    return t('import.notUtf8')
  }
}
