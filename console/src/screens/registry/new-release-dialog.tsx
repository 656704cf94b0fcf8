import { useNavigate } from '@tanstack/react-router'
import { useId, useState } from 'react'
import { createRelease } from '../../../../src/contracts/routes/registry.ts'
import { listToolPolicies } from '../../../../src/contracts/routes/tool-policies.ts'
import { useRead } from '../../api/reading.ts'
import { t } from '../../messages/registry.ts'
import { Button } from '../../ui/button.tsx'
import { CommandDialog } from '../../ui/command-dialog.tsx'
import { shortened } from '../../ui/copy.tsx'
import { SelectField, TextField } from '../../ui/field.tsx'
import type { SystemView } from './system.tsx'

/** Records a release by its manifest, pasted or as a file. All faults of a manifest are named at once. */
export function NewReleaseDialog({
  system,
  onClose,
}: {
  readonly system: SystemView
  readonly onClose: () => void
}) {
  const navigate = useNavigate()
  const file = useId()
  const newest = system.releases.toSorted((a, b) => b.createdAt.localeCompare(a.createdAt))[0]?.digest
  const [text, setText] = useState('')
  const [parent, setParent] = useState<string>(system.approved ?? newest ?? '')
  const policies = useRead(listToolPolicies, {}).data?.items ?? []
  const inForce = policies.find(({ stage }) => stage === 'active')?.digest ?? ofNothing
  const manifest = manifestIn(text)
  const from = system.releases.find(({ digest }) => digest === parent)?.digest
  const isBroken = text.trim() !== '' && manifest === null
  return (
    <CommandDialog
      route={createRelease}
      input={() =>
        manifest === null
          ? null
          : { params: { id: system.id }, body: { manifest, ...(from === undefined ? {} : { parent: from }) } }
      }
      title={t('release.recordTitle')}
      says={t('release.recordText')}
      verb={t('release.record')}
      told={t('release.recorded')}
      whyNot={text.trim() === '' ? t('release.manifestMissing') : isBroken ? t('release.notJson') : null}
      onClose={onClose}
      onDone={({ digest }) =>
        void navigate({
          to: from === undefined ? `/releases/${digest}` : `/releases/${from}/diff/${digest}`,
        })
      }
    >
      <div className="field">
        <label htmlFor={file}>{t('release.file')}</label>
        <input
          id={file}
          type="file"
          accept="application/json,.json"
          onChange={(event) => {
            const [chosen] = event.target.files ?? []
            if (chosen !== undefined) void chosen.text().then(setText)
          }}
        />
      </div>
      <TextField
        label={t('release.manifest')}
        value={text}
        onChange={setText}
        rows={12}
        isMono
        fault={isBroken ? t('release.notJson') : null}
        placeholder={`{ "schema": 1, "systemId": "${system.id}", … }`}
      />
      <div className="stack">
        <div>
          <Button
            onClick={() => setText(outlineOf(system.id, inForce))}
            whyNot={text.trim() === '' ? null : t('release.outlineTaken')}
          >
            {t('release.outline')}
          </Button>
        </div>
        <p className="muted">{t('release.outlineText')}</p>
      </div>
      {system.releases.length > 0 && (
        <SelectField
          label={t('release.parent')}
          help={t('release.parentHelp')}
          value={parent}
          onChange={setParent}
          empty={t('release.noParent')}
          options={system.releases.map(({ digest }) => ({ value: digest, label: shortened(digest) }))}
        />
      )}
    </CommandDialog>
  )
}

/** SHA-256 of no byte at all. */
const ofNothing = 'sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'

/** A manifest that lacks what only its author knows: until then it is refused, with each place that is empty. */
function outlineOf(systemId: string, toolPolicy: string): string {
  const model = { provider: '', model: '', pin: null, region: '' }
  const manifest = {
    schema: 1,
    systemId,
    models: [model],
    prompts: [],
    tools: [],
    dataSets: [],
    capabilities: [],
    guardPolicy: ofNothing,
    toolPolicy,
    artefacts: [],
    regions: [''],
    externalSend: false,
    params: {},
  }
  return JSON.stringify(manifest, null, 2)
}

function manifestIn(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text)
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
    return isObject ? (value as Record<string, unknown>) : null // seen above
  } catch {
    return null // said at the field
  }
}
