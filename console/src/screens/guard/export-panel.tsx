import { useState } from 'react'
import {
  consentToGuardExport,
  exportGuardFeedback,
  readGuardExports,
  withdrawGuardExport,
} from '../../../../src/contracts/routes/guard-feedback.ts'
import type { ReplyOf } from '../../../../src/contracts/route.ts'
import { useRead } from '../../api/reading.ts'
import { useMe } from '../../api/session.ts'
import { t, tCode } from '../../messages/guard.ts'
import { Button } from '../../ui/button.tsx'
import { CommandDialog } from '../../ui/command-dialog.tsx'
import { Grid } from '../../ui/grid.tsx'
import { Loaded } from '../../ui/loaded.tsx'
import { Note } from '../../ui/note.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Actor } from '../../ui/person.tsx'
import { save } from '../../ui/save-file.ts'
import { Time } from '../../ui/time.tsx'
import { DeploymentField } from './deployment-field.tsx'

type Standing = ReplyOf<typeof readGuardExports>
type Made = ReplyOf<typeof exportGuardFeedback>

/** Marked texts of a deployment as rows to train on: who has to agree, and what came of it. */
export function ExportPanel() {
  const [deployment, setDeployment] = useState('')
  const [made, setMade] = useState<Made | null>(null)
  return (
    <Panel title={t('export.title')}>
      <div className="stack">
        <p className="muted">{t('export.text')}</p>
        <DeploymentField
          value={deployment}
          onChange={(id) => {
            setMade(null)
            setDeployment(id)
          }}
          empty={t('export.none')}
        />
        {deployment !== '' && <Exports key={deployment} deployment={deployment} onMade={setMade} />}
        {made !== null && <Result made={made} />}
      </div>
    </Panel>
  )
}

function Exports({
  deployment,
  onMade,
}: {
  readonly deployment: string
  readonly onMade: (made: Made) => void
}) {
  const read = useRead(readGuardExports, { params: { deployment } })
  return (
    <Loaded read={read} rows={2}>
      {(standing) => (
        <>
          <Consent standing={standing} deployment={deployment} onMade={onMade} />
          {standing.exports.length > 0 && <Past exports={standing.exports} />}
        </>
      )}
    </Loaded>
  )
}

function Consent({
  standing: { consent, dataOwner },
  deployment,
  onMade,
}: {
  readonly standing: Standing
  readonly deployment: string
  readonly onMade: (made: Made) => void
}) {
  const me = useMe().data
  const [open, setOpen] = useState<'consent' | 'withdraw' | 'export' | null>(null)
  const isOwner = dataOwner !== null && me?.person === dataOwner
  const mayExport = (['guard.feedback', 'content.read'] as const).every(
    (name) => me?.permissions.includes(name) === true,
  )
  const close = () => setOpen(null)
  const input = () => ({ params: { deployment } })
  return (
    <>
      <p>
        {consent === null ? (
          <>
            {t('export.noConsent')} {dataOwner !== null && <Actor id={dataOwner} />}
          </>
        ) : (
          <>
            {t('export.consentOf')} <Actor id={consent.by} />, {t('export.until')}{' '}
            <Time at={consent.until} both />
          </>
        )}
      </p>
      <div className="row">
        {isOwner && (
          <Button onClick={() => setOpen(consent === null ? 'consent' : 'withdraw')}>
            {t(consent === null ? 'export.consent' : 'export.withdraw')}
          </Button>
        )}
        {!isOwner && (
          <Button
            onClick={() => setOpen('export')}
            whyNot={mayExport ? (consent === null ? t('export.noConsent') : null) : t('export.whyNot')}
          >
            {t('export.verb')}
          </Button>
        )}
      </div>
      {open === 'consent' && (
        <CommandDialog
          route={consentToGuardExport}
          input={input}
          title={t('export.consent')}
          says={t('export.consentText')}
          verb={t('export.consent')}
          isReady
          onClose={close}
        />
      )}
      {open === 'withdraw' && (
        <CommandDialog
          route={withdrawGuardExport}
          input={input}
          title={t('export.withdraw')}
          verb={t('export.withdraw')}
          isReady
          onClose={close}
        />
      )}
      {open === 'export' && (
        <CommandDialog
          route={exportGuardFeedback}
          input={input}
          title={t('export.verb')}
          says={t('export.exportText')}
          verb={t('export.verb')}
          isReady
          onClose={close}
          onDone={(reply) => {
            save(new Blob([reply.file], { type: 'application/jsonl' }), `feedback-${deployment}.jsonl`)
            onMade(reply)
          }}
        />
      )}
    </>
  )
}

/** What became rows, and why the rest did not. */
function Result({ made: { rows, leftOut, isCut, sha256 } }: { readonly made: Made }) {
  const counts = new Map<string, number>()
  for (const { why } of leftOut) counts.set(why, (counts.get(why) ?? 0) + 1)
  return (
    <Note live="polite">
      <p>
        {t('export.rows', { rows, leftOut: leftOut.length })} <code>{sha256.slice(0, 12)}</code>
      </p>
      <Counts counts={[...counts]} />
      {isCut && <p>{t('export.cut')}</p>}
    </Note>
  )
}

function Past({ exports }: { readonly exports: Standing['exports'] }) {
  return (
    <Grid
      label={t('export.past')}
      rows={exports}
      keyOf={({ at }) => at}
      columns={[
        { id: 'at', header: t('export.at'), cell: ({ at }) => <Time at={at} both /> },
        { id: 'by', header: t('export.by'), cell: ({ by }) => <Actor id={by} /> },
        { id: 'consent', header: t('export.consentOf'), cell: ({ consentBy }) => <Actor id={consentBy} /> },
        { id: 'rows', header: t('export.rowCount'), align: 'end', cell: ({ rows }) => rows },
        {
          id: 'left',
          header: t('export.leftOut'),
          cell: ({ leftOut }) => <Counts counts={Object.entries(leftOut)} />,
        },
      ]}
    />
  )
}

function Counts({ counts }: { readonly counts: readonly (readonly [string, number])[] }) {
  return counts.length === 0 ? null : (
    <ul aria-label={t('export.leftOut')}>
      {counts
        .toSorted(([, a], [, b]) => b - a)
        .map(([why, n]) => (
          <li key={why}>
            {n} {tCode('leftOut', why)}
          </li>
        ))}
    </ul>
  )
}
