import { useState } from 'react'
import { draftGuardPolicy, mostOffsetCenti } from '../../../../src/contracts/routes/guard-policies.ts'
import { listGuardRules } from '../../../../src/contracts/routes/guard.ts'
import { useCommand } from '../../api/command.ts'
import { useRead } from '../../api/reading.ts'
import { t, tCode } from '../../messages/guard.ts'
import { Button } from '../../ui/button.tsx'
import { SelectField, TextField } from '../../ui/field.tsx'
import { Grid } from '../../ui/grid.tsx'
import { Outcome } from '../../ui/outcome.tsx'
import { Panel } from '../../ui/panel.tsx'
import { PlaceName } from '../../ui/place-name.tsx'
import { Time } from '../../ui/time.tsx'
import { toast } from '../../ui/toast.tsx'
import { DeploymentField } from './deployment-field.tsx'
import type { GuardPolicyRecord } from './policy.tsx'
import { Sources } from './policy-sources.tsx'
import { Treatment } from './policy-treatment.tsx'
import { removing } from './removing.tsx'

type Terms = GuardPolicyRecord['terms']
const sides = ['user', 'untrusted'] as const
const bands = ['flagCenti', 'highCenti'] as const

/** What a version says, and the editor of a draft. Each change is sent as it is made; nothing takes effect by it. */
export function PolicyTerms({
  policy,
  mayWrite,
}: {
  readonly policy: GuardPolicyRecord
  readonly mayWrite: boolean
}) {
  const { terms, revision, stage } = policy
  const isEditing = stage === 'draft' && mayWrite
  const { state, send } = useCommand(draftGuardPolicy)
  const save = async (change: Partial<Terms>) => {
    if ((await send({ body: { ...terms, ...change }, ifMatch: revision })) !== null) toast(t('terms.saved'))
  }
  return (
    <>
      <Thresholds terms={terms} onSave={isEditing ? (offsets) => void save({ offsets }) : null} />
      <RulesOff terms={terms} onSave={isEditing ? (off) => void save({ off }) : null} />
      <Allowed terms={terms} onSave={isEditing ? (allow) => void save({ allow }) : null} />
      <Sources terms={terms} onSave={isEditing ? (sources) => void save({ sources }) : null} />
      <Treatment terms={terms} onSave={isEditing ? (change) => void save(change) : null} />
      <Outcome state={state} />
    </>
  )
}

function Thresholds({
  terms: { offsets },
  onSave,
}: {
  readonly terms: Terms
  readonly onSave: ((offsets: Terms['offsets']) => void) | null
}) {
  const [texts, setTexts] = useState(() =>
    Object.fromEntries(
      sides.flatMap((side) => bands.map((band) => [`${side} ${band}`, inZ(offsets[side][band])])),
    ),
  )
  const centi = (side: (typeof sides)[number], band: (typeof bands)[number]) =>
    Math.round(Number(texts[`${side} ${band}`]) * 100)
  const faultOf = (side: (typeof sides)[number], band: (typeof bands)[number]) =>
    Math.abs(centi(side, band)) <= mostOffsetCenti
      ? null
      : t('terms.offsetWrong', { most: inZ(mostOffsetCenti) })
  const faults = sides.flatMap((side) => bands.map((band) => faultOf(side, band)))
  const of = (side: (typeof sides)[number]) => ({
    flagCenti: centi(side, 'flagCenti'),
    highCenti: centi(side, 'highCenti'),
  })
  return (
    <Panel title={t('terms.thresholds')}>
      <div className="stack">
        <p>{t('terms.thresholdsText')}</p>
        <div className="columns">
          {sides.map((side) => (
            <div key={side} className="stack">
              {bands.map((band) => {
                const label = t('terms.offset', {
                  side: tCode('guard.side', side),
                  band: tCode('guard.band', band),
                })
                return onSave === null ? (
                  <p key={band}>
                    {label}: <strong>{inZ(offsets[side][band])}</strong>
                  </p>
                ) : (
                  <TextField
                    key={band}
                    label={label}
                    value={texts[`${side} ${band}`] ?? ''}
                    onChange={(text) => setTexts({ ...texts, [`${side} ${band}`]: text })}
                    fault={faultOf(side, band)}
                  />
                )
              })}
            </div>
          ))}
        </div>
        {onSave !== null && (
          <div className="row">
            <Button
              whyNot={faults.find((fault) => fault !== null) ?? null}
              onClick={() => onSave({ user: of('user'), untrusted: of('untrusted') })}
            >
              {t('terms.saveThresholds')}
            </Button>
          </div>
        )}
      </div>
    </Panel>
  )
}

function RulesOff({
  terms: { off },
  onSave,
}: {
  readonly terms: Terms
  readonly onSave: ((off: Terms['off']) => void) | null
}) {
  const [deployment, setDeployment] = useState('')
  const [rule, setRule] = useState('')
  const rules = useRead(listGuardRules, { query: {} }, { enabled: onSave !== null })
  return (
    <Panel title={t('terms.off')}>
      <div className="stack">
        {off.length === 0 ? (
          <p className="muted">{t('terms.noneOff')}</p>
        ) : (
          <Grid
            label={t('terms.off')}
            rows={off}
            keyOf={(entry) => `${entry.deployment} ${entry.rule}`}
            columns={[
              { id: 'rule', header: t('guard.rule'), cell: (entry) => <code>{entry.rule}</code> },
              {
                id: 'place',
                header: t('gateway.deployment'),
                cell: (entry) => <PlaceName id={entry.deployment} />,
              },
              ...removing(onSave, off),
            ]}
          />
        )}
        {onSave !== null && (
          <div className="row fields">
            <SelectField
              label={t('guard.rule')}
              value={rule}
              onChange={setRule}
              empty={t('terms.choose')}
              options={(rules.data?.rules ?? []).map(({ id, name }) => ({
                value: id,
                label: `${name} (${id})`,
              }))}
            />
            <DeploymentField value={deployment} onChange={setDeployment} empty={t('terms.choose')} />
            <Button
              whyNot={rule === '' || deployment === '' ? t('terms.chooseBoth') : null}
              onClick={() =>
                onSave([...off, { deployment: deployment as Terms['off'][0]['deployment'], rule }])
              } // of the list
            >
              {t('terms.addOff')}
            </Button>
          </div>
        )}
      </div>
    </Panel>
  )
}

function Allowed({
  terms: { allow },
  onSave,
}: {
  readonly terms: Terms
  readonly onSave: ((allow: Terms['allow']) => void) | null
}) {
  return (
    <Panel title={t('terms.allow')}>
      <div className="stack">
        <p>{t('terms.allowText')}</p>
        {allow.length === 0 ? (
          <p className="muted">{t('terms.noneAllowed')}</p>
        ) : (
          <Grid
            label={t('terms.allow')}
            rows={allow}
            keyOf={(entry) => [entry.deployment, entry.channel, entry.rule, entry.window].join(' ')}
            columns={[
              { id: 'rule', header: t('guard.rule'), cell: ({ rule }) => <code>{rule}</code> },
              { id: 'channel', header: t('guard.channel'), cell: ({ channel }) => tCode('channel', channel) },
              {
                id: 'place',
                header: t('gateway.deployment'),
                cell: ({ deployment }) => <PlaceName id={deployment} />,
              },
              { id: 'until', header: t('terms.until'), cell: ({ until }) => <Time at={until} both /> },
              ...removing(onSave, allow),
            ]}
          />
        )}
      </div>
    </Panel>
  )
}

function inZ(centi: number): string {
  return (centi / 100).toFixed(2)
}
