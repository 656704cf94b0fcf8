import { useState } from 'react'
import { listChecks, recordCheck } from '../../../../src/contracts/routes/reviews.ts'
import { readRequirements } from '../../../../src/contracts/routes/requirements.ts'
import type { ReplyOf } from '../../../../src/contracts/route.ts'
import { environments } from '../../../../src/kernel/vocabulary.ts'
import { useRead } from '../../api/reading.ts'
import { useMe } from '../../api/session.ts'
import { t, tCode } from '../../messages/registry.ts'
import { Button } from '../../ui/button.tsx'
import { CommandDialog } from '../../ui/command-dialog.tsx'
import { Id } from '../../ui/copy.tsx'
import { RadioField, SelectField, TextField } from '../../ui/field.tsx'
import { FileDigestField, isDigestText } from '../../ui/file-digest.tsx'
import { Loaded } from '../../ui/loaded.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Actor } from '../../ui/person.tsx'
import { Status } from '../../ui/status.tsx'
import { Time } from '../../ui/time.tsx'

type Environment = (typeof environments)[number]
type Result = ReplyOf<typeof listChecks>['items'][number]
const prefix = 'check/'

/** Every check that the release needs in an environment, what was found, and the form for who may record it. */
export function ReleaseChecks({ release, first }: { readonly release: string; readonly first: Environment }) {
  const [environment, setEnvironment] = useState(first)
  const [recording, setRecording] = useState<string | null>(null)
  const mayRecord = useMe().data?.permissions.includes('check.record') === true
  const required = useRead(readRequirements, { query: { release, environment } })
  const found = useRead(listChecks, { query: { release, environment, limit: 100 } })
  return (
    <Panel title={t('check.title')}>
      <div className="stack">
        <SelectField
          label={t('check.environment')}
          value={environment}
          onChange={(value) => setEnvironment(environments.find((one) => one === value) ?? 'prod')}
          options={environments.map((value) => ({ value, label: tCode('environment', value) }))}
        />
        <Loaded read={required} rows={2}>
          {({ items }) => {
            const checks = items.filter(({ id }) => id.startsWith(prefix))
            if (checks.length === 0) return <p className="muted">{t('check.none')}</p>
            return (
              <ul className="checklist">
                {checks.map(({ id, status }) => {
                  const checkId = id.slice(prefix.length)
                  const result = found.data?.items.find((one) => one.checkId === checkId)
                  return (
                    <li key={id}>
                      <div className="row">
                        <Status state={status} />
                        <strong>{checkName(checkId)}</strong>
                        {mayRecord && (
                          <Button
                            kind="quiet"
                            label={t('check.recordOf', { check: checkName(checkId) })}
                            onClick={() => setRecording(checkId)}
                          >
                            {t('check.record')}
                          </Button>
                        )}
                      </div>
                      {result !== undefined && <Found result={result} />}
                    </li>
                  )
                })}
              </ul>
            )
          }}
        </Loaded>
        {!mayRecord && <p className="muted">{t('check.who')}</p>}
      </div>
      {recording !== null && (
        <RecordDialog
          checkId={recording}
          release={release}
          environment={environment}
          onClose={() => setRecording(null)}
        />
      )}
    </Panel>
  )
}

function Found({ result }: { readonly result: Result }) {
  return (
    <div className="row muted">
      {result.status !== 'pass' && <Status state={result.status} />}
      <span>
        <Actor id={result.by} />, <Time at={result.recordedAt} />, {t('check.until')}{' '}
        <Time at={result.validUntil} />
      </span>
      <Id id={result.artefactDigest} />
    </div>
  )
}

const results = ['pass', 'fail', 'inconclusive'] as const
const dayMs = 86_400_000
const usualDays = 60

/** Records what a check found; the report stays where it is, its digest stands for it. */
function RecordDialog({
  checkId,
  release,
  environment,
  onClose,
}: {
  readonly checkId: string
  readonly release: string
  readonly environment: Environment
  readonly onClose: () => void
}) {
  const [result, setResult] = useState<string | null>(null)
  const [artefactDigest, setArtefact] = useState('')
  const [day, setDay] = useState(() => new Date(Date.now() + usualDays * dayMs).toISOString().slice(0, 10))
  const chosen = results.find((one) => one === result)
  const end = new Date(`${day}T23:59:59Z`)
  const isNoDay = Number.isNaN(end.getTime())
  const whyNot =
    chosen === undefined
      ? t('check.resultMissing')
      : !isDigestText(artefactDigest)
        ? t('check.artefactMissing')
        : isNoDay
          ? t('check.dayMissing')
          : null
  return (
    <CommandDialog
      route={recordCheck}
      input={() => ({
        body: {
          checkId,
          release,
          environment,
          result: chosen ?? 'inconclusive',
          artefactDigest,
          validUntil: isNoDay ? '' : end.toISOString(),
        },
      })}
      title={t('check.recordOf', { check: checkName(checkId) })}
      says={t('check.recordText')}
      verb={t('check.record')}
      whyNot={whyNot}
      onClose={onClose}
    >
      <RadioField
        label={t('check.result')}
        value={result}
        onChange={setResult}
        options={results.map((value) => ({ value, label: tCode('state', value) }))}
      />
      <FileDigestField label={t('check.artefact')} value={artefactDigest} onChange={setArtefact} />
      <TextField label={t('check.day')} help={t('check.dayHelp')} type="date" value={day} onChange={setDay} />
    </CommandDialog>
  )
}

function checkName(checkId: string): string {
  return checkId.replaceAll('_', ' ')
}
