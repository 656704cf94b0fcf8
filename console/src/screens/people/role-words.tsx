import { readUseCase } from '../../../../src/contracts/routes/intake.ts'
import { useRead } from '../../api/reading.ts'
import { t, tCode } from '../../messages/people.ts'
import { shortened } from '../../ui/copy.tsx'
import { useUnits } from './unit-name.tsx'

export type Scope =
  | { readonly k: 'organisation' }
  | { readonly k: 'unit'; readonly id: string }
  | { readonly k: 'use_case'; readonly id: string }

/** A role with its function, and where it counts. */
export function RoleWords({
  role,
  fn,
  scope,
}: {
  readonly role: string
  readonly fn: string | null
  readonly scope: Scope
}) {
  return (
    <>
      {roleText(role, fn)} <ScopeWords scope={scope} />
    </>
  )
}

/** A role in words, such as `Reviewer (Legal)`. */
export function roleText(role: string, fn: string | null): string {
  return fn === null ? tCode('role', role) : `${tCode('role', role)} (${tCode('fn', fn)})`
}

/** Where a role counts. */
export function ScopeWords({ scope }: { readonly scope: Scope }) {
  const units = useUnits()
  const read = useRead(
    readUseCase,
    { params: { id: scope.k === 'use_case' ? scope.id : '' } },
    {
      enabled: scope.k === 'use_case',
    },
  )
  if (scope.k === 'organisation') return <span className="muted">{t('people.scopeOrganisation')}</span>
  const name = scope.k === 'unit' ? units.find(({ id }) => id === scope.id)?.name : read.data?.title
  return (
    <span className="untrusted" title={scope.id}>
      {t(scope.k === 'unit' ? 'people.scopeUnitIs' : 'people.scopeUseCaseIs', {
        name: name ?? shortened(scope.id),
        title: name ?? shortened(scope.id),
      })}
    </span>
  )
}
