import { useState } from 'react'
import { diffToolPolicy, listToolPolicies } from '../../../../src/contracts/routes/tool-policies.ts'
import { useRead } from '../../api/reading.ts'
import { t } from '../../messages/tools.ts'
import { SelectField } from '../../ui/field.tsx'
import { Loaded } from '../../ui/loaded.tsx'
import { Panel } from '../../ui/panel.tsx'
import { LineDiff } from './line-diff.tsx'
import { versionName } from './policy-version.ts'
import type { PolicyRecord } from './policy-record.ts'

/** What changed from another version to this one; at first from the one before it, or from what ships. */
export function PolicyDiff({ policy }: { readonly policy: PolicyRecord }) {
  const { key, version } = policy
  const { data } = useRead(listToolPolicies, {})
  const others = (data?.items ?? []).filter((item) => item.key !== key || item.version !== version)
  const usual = others.find((item) => item.key === key && item.version < version) ?? others[0]
  const [chosen, setChosen] = useState('')
  const from = others.find((item) => nameOf(item) === chosen) ?? usual
  if (from === undefined) return null
  return (
    <Panel title={t('policy.diff')}>
      <SelectField
        label={t('policy.diffFrom')}
        value={nameOf(from)}
        onChange={setChosen}
        options={others.map((item) => ({ value: nameOf(item), label: versionName(item) }))}
      />
      <Diff policy={policy} from={from} />
    </Panel>
  )
}

type Named = { readonly key: string; readonly version: number }

function nameOf({ key, version }: Named): string {
  return `${key}.${version}`
}

function Diff({ policy, from }: { readonly policy: PolicyRecord; readonly from: Named }) {
  const read = useRead(diffToolPolicy, {
    params: { key: policy.key, version: String(policy.version) },
    query: { fromKey: from.key, fromVersion: String(from.version) },
  })
  return (
    <Loaded read={read}>
      {({ lines }) =>
        lines.every(({ k }) => k === 'same') ? (
          <p className="muted">{t('policy.same')}</p>
        ) : (
          <LineDiff lines={lines} label={t('policy.diff')} />
        )
      }
    </Loaded>
  )
}
