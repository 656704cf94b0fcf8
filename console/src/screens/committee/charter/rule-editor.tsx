import { useState } from 'react'
import { functions } from '../../../../../src/kernel/vocabulary.ts'
import { t, tCode } from '../../../messages/committee.ts'
import { CheckField, SelectField, TextField } from '../../../ui/field.tsx'
import { Note } from '../../../ui/note.tsx'
import { Panel } from '../../../ui/panel.tsx'
import { withRule, type Draft, type Fn } from './draft.ts'
import { faultsAt, type Fault } from './faults.ts'
import { ruleKinds, ruleSentence, ruleTiers, type Rule } from './rule-words.ts'

type Members = 'required' | 'seated' | 'veto'
type Numbers = 'minBallots' | 'minIndependent' | 'minOpenHours' | 'deadlineBusinessDays' | 'ttlDays'
const members = ['seated', 'required', 'veto'] as const
const numbers = ['minBallots', 'minIndependent', 'minOpenHours', 'deadlineBusinessDays', 'ttlDays'] as const

/** One rule at a time, with its meaning in sentences above the fields that make it. */
export function RuleEditor({
  draft,
  onChange,
  faults,
}: {
  readonly draft: Draft
  readonly onChange: (draft: Draft) => void
  readonly faults: readonly Fault[]
}) {
  const [kind, setKind] = useState<string>('initial')
  const [tier, setTier] = useState<string>('3')
  const rule = draft.rules[kind]?.[tier]
  const elsewhere = faults
    .map(({ params }) => String(params['at'] ?? ''))
    .filter((at) => (at.startsWith('/rules/') || at.startsWith('rules/')) && !isHere(at, kind, tier))
  return (
    <Panel title={t('charter.rules')}>
      <div className="stack">
        <div className="columns">
          <SelectField
            label={t('charter.ruleKind')}
            value={kind}
            onChange={setKind}
            options={ruleKinds.map((name) => ({ value: name, label: tCode('caseKind', name) }))}
          />
          <SelectField
            label={t('case.tier')}
            value={tier}
            onChange={setTier}
            options={ruleTiers.map((name) => ({ value: name, label: t('tier.label', { tier: name }) }))}
          />
        </div>
        {elsewhere.length > 0 && (
          <Note tone="breach">
            {t('charter.faultsElsewhere')} {[...new Set(elsewhere)].map((at) => placeName(at)).join(', ')}
          </Note>
        )}
        {rule !== undefined && (
          <RuleFields
            rule={rule}
            onChange={(next) => onChange(withRule(draft, kind, tier, next))}
            faults={faultsAt(faults, (at) => isHere(at, kind, tier))}
          />
        )}
      </div>
    </Panel>
  )
}

function isHere(at: string, kind: string, tier: string): boolean {
  const path = at.replace(/^\//, '')
  return path === `rules/${kind}/${tier}` || path.startsWith(`rules/${kind}/${tier}/`)
}

function placeName(at: string): string {
  const [, kind = '', tier = ''] = at.replace(/^\//, '').split('/')
  return `${tCode('caseKind', kind)}, ${t('tier.label', { tier })}`
}

function RuleFields({
  rule,
  onChange,
  faults,
}: {
  readonly rule: Rule
  readonly onChange: (rule: Rule) => void
  readonly faults: readonly string[]
}) {
  const setMember = (name: Members, fn: Fn, isOn: boolean) => {
    const next = functions.filter((item) => (item === fn ? isOn : rule[name].includes(item)))
    onChange({ ...rule, [name]: next })
  }
  const setNumber = (name: Numbers, text: string) => onChange({ ...rule, [name]: Math.trunc(Number(text)) })
  const [above, below] = rule.ratio
  return (
    <div className="stack">
      <p className="repeated" role="status">
        {ruleSentence(rule)}
      </p>
      {faults.length > 0 && (
        <Note tone="breach" live="polite">
          <ul>
            {faults.map((fault) => (
              <li key={fault}>{fault}</li>
            ))}
          </ul>
        </Note>
      )}
      <div className="columns">
        {members.map((name) => (
          <fieldset key={name} className="field">
            <legend>{tCode('ruleMember', name)}</legend>
            {functions.map((fn) => (
              <CheckField
                key={fn}
                label={tCode('fn', fn)}
                checked={rule[name].includes(fn)}
                onChange={(isOn) => setMember(name, fn, isOn)}
              />
            ))}
          </fieldset>
        ))}
      </div>
      <div className="columns narrow">
        {numbers.map((name) => (
          <TextField
            key={name}
            label={tCode('ruleNumber', name)}
            type="number"
            value={String(rule[name])}
            onChange={(text) => setNumber(name, text)}
          />
        ))}
        <TextField
          label={t('rule.ratioAbove')}
          type="number"
          value={String(above)}
          onChange={(text) => onChange({ ...rule, ratio: [Math.trunc(Number(text)), below] })}
        />
        <TextField
          label={t('rule.ratioBelow')}
          type="number"
          value={String(below)}
          onChange={(text) => onChange({ ...rule, ratio: [above, Math.trunc(Number(text))] })}
        />
      </div>
    </div>
  )
}
