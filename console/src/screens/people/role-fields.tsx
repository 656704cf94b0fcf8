import { functionNames, roleNames } from '../../../../src/contracts/roles.ts'
import { t, tCode } from '../../messages/people.ts'
import { SelectField, TextField } from '../../ui/field.tsx'
import { unitOptions, useUnits } from './unit-name.tsx'
import { UseCaseField } from './use-case-field.tsx'

type RoleName = (typeof roleNames)[number]
type FnName = (typeof functionNames)[number]

/** A role as it is being filled in; everything is text until it is whole. */
export type RoleDraft = {
  readonly role: string
  readonly fn: string
  readonly scope: string
  readonly place: string
  /** A day, as the browser's field gives it. */
  readonly until: string
}
export const emptyRole: RoleDraft = { role: '', fn: '', scope: 'organisation', place: '', until: '' }

/** What is missing; null when the draft can be sent. Whether it may be granted is the server's to say. */
export function roleGap({ role, fn, scope, place, until }: RoleDraft): string | null {
  if (role === '') return t('people.roleChoose')
  if (role === 'reviewer' && fn === '') return t('people.fnChoose')
  if (role === 'auditor' && until === '') return t('people.untilHelp')
  if (scope === 'unit' && place === '') return t('people.unitChoose')
  return scope === 'use_case' && place === '' ? t('people.useCaseChoose') : null
}

/** The draft as the route takes it. */
export function roleOf({ role, fn, scope, place, until }: RoleDraft) {
  return {
    role: role as RoleName, // one of the choices below
    fn: role === 'reviewer' ? (fn as FnName) : null, // likewise
    scope:
      scope === 'organisation'
        ? ({ k: 'organisation' } as const)
        : ({ k: scope as 'unit' | 'use_case', id: place } as const), // likewise
    until: until === '' ? null : new Date(`${until}T23:59:59.999`).toISOString(),
  }
}

/** Role, function, where it counts and until when. */
export function RoleFields({
  value,
  onChange,
}: {
  readonly value: RoleDraft
  readonly onChange: (value: RoleDraft) => void
}) {
  const units = useUnits()
  const set = (change: Partial<RoleDraft>) => onChange({ ...value, ...change })
  return (
    <div className="given">
      <SelectField
        label={t('people.role')}
        value={value.role}
        onChange={(role) => set({ role, ...(role === 'admin' ? { scope: 'organisation', place: '' } : {}) })}
        options={roleNames.map((role) => ({ value: role, label: tCode('role', role) }))}
        empty={t('people.roleChoose')}
      />
      {value.role === 'reviewer' && (
        <SelectField
          label={t('people.fn')}
          value={value.fn}
          onChange={(fn) => set({ fn })}
          options={functionNames.map((fn) => ({ value: fn, label: tCode('fn', fn) }))}
          empty={t('people.fnChoose')}
        />
      )}
      <SelectField
        label={t('people.scope')}
        value={value.scope}
        onChange={(scope) => set({ scope, place: '' })}
        options={[
          { value: 'organisation', label: t('people.scopeOrganisation') },
          ...(value.role === 'admin'
            ? []
            : [
                { value: 'unit', label: t('people.scopeUnit') },
                { value: 'use_case', label: t('people.scopeUseCase') },
              ]),
        ]}
      />
      {value.scope === 'unit' && (
        <SelectField
          label={t('people.unit')}
          value={value.place}
          onChange={(place) => set({ place })}
          options={unitOptions(units)}
          empty={t('people.unitChoose')}
        />
      )}
      {value.scope === 'use_case' && (
        <UseCaseField value={value.place} onChange={(place) => set({ place })} />
      )}
      <TextField
        label={t('people.lastDay')}
        type="date"
        value={value.until}
        onChange={(until) => set({ until })}
        isOptional={value.role !== 'auditor'}
      />
    </div>
  )
}
