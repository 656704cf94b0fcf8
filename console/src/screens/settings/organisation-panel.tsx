import { useState } from 'react'
import { describeOrganisation } from '../../../../src/contracts/routes/settings.ts'
import { useMe } from '../../api/session.ts'
import { t } from '../../messages/settings.ts'
import { Button } from '../../ui/button.tsx'
import { CommandDialog } from '../../ui/command-dialog.tsx'
import { Facts } from '../../ui/facts.tsx'
import { Loaded } from '../../ui/loaded.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Untrusted } from '../../ui/untrusted.tsx'
import {
  emptyOrganisation,
  OrganisationFields,
  type OrganisationDraft,
} from '../identity/organisation-fields.tsx'

/** What the organisation calls itself, and its zone. */
export function OrganisationPanel() {
  const me = useMe()
  const [draft, setDraft] = useState<OrganisationDraft | null>(null)
  const known = me.data?.organisation ?? null
  const mayChange = me.data?.permissions.includes('settings.manage') === true
  return (
    <Panel
      title={t('settings.organisation')}
      actions={
        mayChange && (
          <Button onClick={() => setDraft(known ?? emptyOrganisation())}>{t('settings.describe')}</Button>
        )
      }
    >
      <Loaded read={me} rows={2}>
        {({ organisation }) =>
          organisation === null ? (
            <p className="muted">{t('settings.organisationNone')}</p>
          ) : (
            <Facts
              rows={[
                [t('settings.organisationName'), <Untrusted key="name" text={organisation.name} />],
                [t('settings.organisationZone'), organisation.timeZone],
              ]}
            />
          )
        }
      </Loaded>
      {draft !== null && (
        <CommandDialog
          route={describeOrganisation}
          input={() => ({ body: { ...draft, name: draft.name.trim() } })}
          title={t('settings.describe')}
          says={t('settings.describeSays')}
          verb={t('settings.describe')}
          whyNot={draft.name.trim() === '' ? t('settings.organisationUnnamed') : null}
          onClose={() => setDraft(null)}
        >
          <OrganisationFields draft={draft} onChange={setDraft} fault={null} />
        </CommandDialog>
      )}
    </Panel>
  )
}
