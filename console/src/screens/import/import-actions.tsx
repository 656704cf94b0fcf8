import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { exportUseCases } from '../../../../src/contracts/routes/imports.ts'
import { api } from '../../api/client.ts'
import { useMe } from '../../api/session.ts'
import { useSearchMembers } from '../../frame/location.ts'
import { t } from '../../messages/import.ts'
import { Button } from '../../ui/button.tsx'
import { save } from '../../ui/save-file.ts'

const filters = ['state', 'tier', 'unit', 'owner', 'q'] as const

/** Import, and the export that an import takes back, of exactly what the list shows: `fixed` is what its view sets. */
export function ImportActions({ fixed }: { readonly fixed: Readonly<Record<string, string>> }) {
  const me = useMe().data
  const search = useSearchMembers()
  const [told, setTold] = useState<string | null>(null)
  const imports = me?.roles.some(({ role }) => role === 'analyst') === true
  const run = () => {
    setTold(t('import.exporting'))
    const asked = { ...search, ...fixed }
    const query = Object.fromEntries(
      filters.flatMap((name) => (asked[name] === undefined ? [] : [[name, asked[name]]])),
    )
    exported(query).then(setTold, () => setTold(t('common.loadFailed')))
  }
  return (
    <>
      {told !== null && (
        <span role="status" className="muted">
          {told}
        </span>
      )}
      <Button onClick={run}>{t('import.export')}</Button>
      {imports && (
        <Link to="/imports" className="button plain">
          {t('import.list')}
        </Link>
      )}
      {imports && (
        <Link to="/imports/new" className="button plain">
          {t('import.new')}
        </Link>
      )}
    </>
  )
}

/** Hands the file over; says what was in it. */
async function exported(query: Readonly<Record<string, string | undefined>>): Promise<string> {
  const text = await api.call(exportUseCases, { query })
  const at = new Date().toISOString().replaceAll(/[:.]/g, '')
  save(new Blob([text], { type: 'text/csv' }), `use-cases-${at}.csv`)
  return toldOf(text)
}

/** How many use cases left, and whether their texts stayed. Lines within quotation marks are no rows. */
function toldOf(text: string): string {
  const [header = ''] = text.split('\r\n', 1)
  const count = text.replaceAll(/"(?:[^"]|"")*"/g, '').split('\r\n').length - 2
  const isBare = !header.split(',').includes('title')
  return isBare && count > 0 ? t('import.exportedBare', { count }) : t('import.exported', { count })
}
