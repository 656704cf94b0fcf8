import { t } from '../../messages/identity.ts'
import { SelectField, TextField } from '../../ui/field.tsx'

export type OrganisationDraft = { readonly name: string; readonly timeZone: string }

/** Before anybody has said: no name, and the zone of this browser. */
export function emptyOrganisation(): OrganisationDraft {
  return { name: '', timeZone: new Intl.DateTimeFormat().resolvedOptions().timeZone }
}

/** What the organisation calls itself, and in which zone its people read times. */
export function OrganisationFields({
  draft,
  onChange,
  fault,
}: {
  readonly draft: OrganisationDraft
  readonly onChange: (draft: OrganisationDraft) => void
  readonly fault: string | null
}) {
  return (
    <>
      <TextField
        label={t('organisation.name')}
        name="organization"
        autoComplete="organization"
        value={draft.name}
        onChange={(name) => onChange({ ...draft, name })}
        fault={fault}
      />
      <SelectField
        label={t('organisation.timeZone')}
        help={t('organisation.timeZoneHelp')}
        value={draft.timeZone}
        onChange={(timeZone) => onChange({ ...draft, timeZone })}
        options={zonesWith(draft.timeZone).map((zone) => ({ value: zone, label: zone.replaceAll('_', ' ') }))}
      />
    </>
  )
}

function zonesWith(chosen: string): readonly string[] {
  return [...new Set([...Intl.supportedValuesOf('timeZone'), 'UTC', chosen])].toSorted()
}
