import { Link, useNavigate } from '@tanstack/react-router'
import { listImportRows } from '../../../../src/contracts/routes/imports.ts'
import { useRead } from '../../api/reading.ts'
import { useSearchMembers } from '../../frame/location.ts'
import { t } from '../../messages/import.ts'
import { Button } from '../../ui/button.tsx'
import { Loaded } from '../../ui/loaded.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Reasons } from '../../ui/outcome.tsx'
import { Untrusted } from '../../ui/untrusted.tsx'
import { Outcome, wordsForRow, type Row } from './words.tsx'

/** The row that the URL names, with every change and every reason. */
export function RowDetail({ id }: { readonly id: string }) {
  const navigate = useNavigate()
  const search = useSearchMembers()
  const open = search['row']
  const row = Number(open)
  const enabled = open !== undefined && Number.isSafeInteger(row) && row >= 2
  const read = useRead(listImportRows, { params: { id }, query: { row, limit: 1 } }, { enabled })
  if (!enabled) return null
  const close = () => {
    const { row: _, ...rest } = search
    void navigate({ to: '.', search: rest, replace: true })
  }
  return (
    <Panel
      title={t('import.details', { row })}
      actions={
        <Button kind="quiet" onClick={close}>
          {t('import.closeRow')}
        </Button>
      }
    >
      <Loaded read={read} rows={3}>
        {({ items: [found] }) =>
          found === undefined ? <p>{t('common.notFound')}</p> : <Found row={found} />
        }
      </Loaded>
    </Panel>
  )
}

function Found({ row }: { readonly row: Row }) {
  return (
    <div className="stack">
      <p className="row">
        <Outcome outcome={row.outcome} />
        {row.title !== null && <Untrusted text={row.title} />}
        <span className="muted">
          <Untrusted text={row.externalId} />
        </span>
        {row.useCaseId !== null && <Link to={`/intake/${row.useCaseId}`}>{t('import.openUseCase')}</Link>}
      </p>
      {row.reasons.length > 0 && <Reasons reasons={row.reasons} explain={explained} />}
      {row.likely.map(({ id, scoreBp }) => (
        <p key={id}>{t('import.alike', { id, share: shareOf(scoreBp) })}</p>
      ))}
      {row.differences.length > 0 && (
        <div className="table-scroll">
          <table className="grid wrap">
            <thead>
              <tr>
                <th scope="col">{t('import.column')}</th>
                <th scope="col">{t('import.before')}</th>
                <th scope="col">{t('import.after')}</th>
              </tr>
            </thead>
            <tbody>
              {row.differences.map(({ column, before, after }) => (
                <tr key={column}>
                  <td>{column}</td>
                  <td className="diff-removed">
                    {before === null ? (
                      <span className="muted">{t('import.notRecorded')}</span>
                    ) : (
                      <Untrusted text={before} />
                    )}
                  </td>
                  <td className="diff-added">
                    <Untrusted text={after} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </div>
  )
}

function explained(reason: Row['reasons'][number]) {
  const text = wordsForRow(reason)
  return text === null ? {} : { text }
}

export function shareOf(scoreBp: number): string {
  return new Intl.NumberFormat('en', { style: 'percent' }).format(scoreBp / 10_000)
}
