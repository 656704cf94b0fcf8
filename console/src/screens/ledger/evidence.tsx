import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { ledgerEntries, ledgerStatus } from '../../../../src/contracts/routes/ledger.ts'
import { api } from '../../api/client.ts'
import { t, tCode } from '../../messages/ledger.ts'
import { Button } from '../../ui/button.tsx'
import { Go } from '../../ui/go.tsx'
import { Bones, Empty, Failure } from '../../ui/loaded.tsx'
import { Note } from '../../ui/note.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Actor } from '../../ui/person.tsx'
import { save } from '../../ui/save-file.ts'
import { Status } from '../../ui/status.tsx'
import { Time } from '../../ui/time.tsx'
import { checkEntries, type Proved } from './check-entries.ts'
import { controls } from './controls.ts'
import { Kind } from './kind.tsx'

const newest = 25

/** The evidence of one control: found, checked here, and exported with its proofs. */
export function Evidence({ control }: { readonly control: string | undefined }) {
  const kinds = control === undefined ? undefined : controls[control]
  return (
    <div className="columns audit">
      <Panel title={t('audit.controls')}>
        <p className="muted">{t('audit.controlsText')}</p>
        <ul className="home-list">
          {Object.keys(controls).map((name) => (
            <li
              key={name}
              className={name === control ? 'chosen' : ''}
              aria-current={name === control ? 'true' : undefined}
            >
              <Go to={`/audit?control=${name}`}>{tCode('audit.control', name)}</Go>
            </li>
          ))}
        </ul>
      </Panel>
      {control !== undefined && kinds !== undefined && (
        <OfControl key={control} control={control} kinds={kinds} />
      )}
    </div>
  )
}

function OfControl({ control, kinds }: { readonly control: string; readonly kinds: readonly string[] }) {
  const [done, setDone] = useState(0)
  const read = useQuery({
    queryKey: ['evidence', control],
    queryFn: async () => {
      const query = { kind: kinds.join(','), sort: '-index', limit: newest } as const
      const { items } = await api.call(ledgerEntries, { query })
      return checkEntries(items, setDone)
    },
  })
  const name = tCode('audit.control', control)
  return (
    <Panel
      title={t('audit.evidence', { control: name })}
      actions={<ExportEvidence control={control} kinds={kinds} isEmpty={read.data?.length === 0} />}
    >
      {read.data === undefined ? (
        read.error !== null ? (
          <Failure error={read.error} onRetry={() => void read.refetch()} />
        ) : (
          <>
            <p role="status" className="muted">
              {t('audit.evidenceChecking', { done, total: newest })}
            </p>
            <Bones rows={6} />
          </>
        )
      ) : read.data.length === 0 ? (
        <Empty>{t('audit.evidenceNone')}</Empty>
      ) : (
        <Checked proved={read.data} kinds={kinds} />
      )}
    </Panel>
  )
}

function Checked({
  proved,
  kinds,
}: {
  readonly proved: readonly Proved[]
  readonly kinds: readonly string[]
}) {
  const count = (outcome: string) => proved.filter((item) => item.verified.outcome === outcome).length
  const [mismatches, unverifiable] = [count('mismatch'), count('unverifiable')]
  const rest =
    (mismatches > 0 ? t('audit.evidenceMismatch', { count: mismatches }) : '') +
    (unverifiable > 0 ? t('audit.evidenceUnverifiable', { count: unverifiable }) : '')
  return (
    <div className="stack">
      <Note tone={mismatches > 0 ? 'breach' : unverifiable > 0 ? 'unknown' : 'good'} live="polite">
        {t('audit.evidenceSummary', { verified: count('verified'), total: proved.length, rest })}
      </Note>
      <div className="table-scroll">
        <table className="grid">
          <thead>
            <tr>
              {['index', 'kind', 'actor', 'at'].map((column) => (
                <th key={column} scope="col">
                  {tCode('ledger.column', column)}
                </th>
              ))}
              <th scope="col">{t('ledger.proof')}</th>
            </tr>
          </thead>
          <tbody>
            {proved.map(({ entry: { id, index, kind, actor, at }, verified }) => (
              <tr key={id}>
                <td>
                  <Go to={`/ledger/entries/${id}`}>{index}</Go>
                </td>
                <td>
                  <Kind kind={kind} />
                </td>
                <td>
                  <Actor id={actor} />
                </td>
                <td>
                  <Time at={at} />
                </td>
                <td>
                  <Status state={verified.outcome} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <Go to={`/ledger?kind=${kinds.join(',')}`}>{t('audit.evidenceAll')}</Go>
    </div>
  )
}

/** Every entry of the control with leaf, path and checkpoint: enough for somebody else to check it alone. */
function ExportEvidence({
  control,
  kinds,
  isEmpty,
}: {
  readonly control: string
  readonly kinds: readonly string[]
  readonly isEmpty: boolean
}) {
  const [told, setTold] = useState<string | null>(null)
  const run = async () => {
    const entries = []
    for (let cursor: string | undefined; ; ) {
      const query = { kind: kinds.join(','), limit: 200, ...(cursor === undefined ? {} : { cursor }) }
      const page = await api.call(ledgerEntries, { query })
      entries.push(...page.items)
      if (page.next === undefined) break
      cursor = page.next
    }
    const total = entries.length
    const proved = await checkEntries(entries, (done) =>
      setTold(t('audit.evidenceExporting', { done, total })),
    )
    const { vkey, origin } = await api.call(ledgerStatus, { query: {} })
    const document = {
      schema: 'countersign.evidence/1',
      control: tCode('audit.control', control),
      kinds,
      exportedAt: new Date().toISOString(),
      log: origin,
      vkey,
      count: total,
      entries: proved.map(({ entry, proof, verified }) => ({ entry, proof, checked: verified.outcome })),
    }
    const name = `evidence-${control}-${document.exportedAt.replaceAll(/[:.]/g, '-')}-${total}.json`
    save(new Blob([JSON.stringify(document, null, 1)], { type: 'application/json' }), name)
    setTold(t('audit.evidenceExported', { count: total }))
  }
  return (
    <>
      {told !== null && (
        <span className="muted" role="status">
          {told}
        </span>
      )}
      <Button
        kind="primary"
        onClick={() => void run().catch(() => setTold(t('common.loadFailed')))}
        whyNot={isEmpty ? t('audit.evidenceNone') : null}
      >
        {t('audit.evidenceExport')}
      </Button>
    </>
  )
}
