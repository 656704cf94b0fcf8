import { functions } from '../../../../src/kernel/vocabulary.ts'
import { useMe } from '../../api/session.ts'
import { t, tCode } from '../../messages/safety.ts'
import { SelectField } from '../../ui/field.tsx'

export type Fn = (typeof functions)[number]

/** Functions for which the reader may act in an emergency. An incident commander without a seat acts for security. */
export function useOwnFunctions(): readonly Fn[] {
  const me = useMe().data
  if (me === undefined) return []
  const held = functions.filter(
    (fn) => me.seat === fn || me.roles.some((role) => role.role === 'reviewer' && role.fn === fn),
  )
  const isCommander = me.roles.some(({ role }) => role === 'incident_commander')
  return isCommander && !held.includes('security') ? [...held, 'security'] : held
}

/** The function for which one acts. */
export function FunctionField({
  value,
  onChange,
}: {
  readonly value: Fn | null
  readonly onChange: (fn: Fn) => void
}) {
  const own = useOwnFunctions()
  return (
    <SelectField
      label={t('override.fn')}
      value={value ?? ''}
      onChange={(next) => onChange(next as Fn)} // an option below
      options={own.map((fn) => ({ value: fn, label: tCode('fn', fn) }))}
      {...(own.length === 0 ? { empty: t('override.noFunction') } : {})}
    />
  )
}
