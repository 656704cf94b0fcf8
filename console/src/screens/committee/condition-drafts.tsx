import { functions } from '../../../../src/kernel/vocabulary.ts'
import { t, tCode } from '../../messages/committee.ts'
import { Button } from '../../ui/button.tsx'
import { SelectField, TextField } from '../../ui/field.tsx'
import { PersonPicker } from '../../ui/person-picker.tsx'
import { instantOf, localIn } from '../../ui/local-time.ts'

/** A condition as somebody writes it. */
export type Draft = {
  readonly key: string
  readonly phase: 'before_deploy' | 'after_deploy'
  readonly due: string
  readonly owner: string | null
  readonly attester: (typeof functions)[number]
  readonly onBreach: 'suspend' | 'shadow' | 'notify'
  readonly text: string
}
type Sent = Omit<Draft, 'key' | 'owner'> & { readonly owner: string }

export function newDraft(attester: Draft['attester']): Draft {
  return {
    key: crypto.randomUUID(),
    phase: 'after_deploy',
    due: localIn(30),
    owner: null,
    attester,
    onBreach: 'suspend',
    text: '',
  }
}

/** The conditions as they are sent; null while one is incomplete. */
export function sentDrafts(drafts: readonly Draft[]): readonly Sent[] | null {
  const sent = drafts.flatMap(({ due: local, owner, text, phase, attester, onBreach }): Sent[] => {
    const due = instantOf(local)
    return due === null || owner === null || text.trim() === ''
      ? []
      : [{ phase, attester, onBreach, due, owner, text: text.trim() }]
  })
  return sent.length === drafts.length ? sent : null
}

/** Conditions under which one approves: what, by when, whose, who attests it, what follows when it is not met. */
export function ConditionDrafts({
  drafts,
  onChange,
  attester,
  canNotify = true,
}: {
  readonly drafts: readonly Draft[]
  readonly onChange: (drafts: readonly Draft[]) => void
  /** The function that attests unless another is chosen. */
  readonly attester: Draft['attester']
  readonly canNotify?: boolean
}) {
  const change = (key: string, part: Partial<Draft>) =>
    onChange(drafts.map((draft) => (draft.key === key ? { ...draft, ...part } : draft)))
  const breaches = (['suspend', 'shadow', 'notify'] as const).filter((act) => canNotify || act !== 'notify')
  return (
    <div className="stack">
      {drafts.map((draft, i) => (
        <fieldset key={draft.key} className="draft stack">
          <legend>{t('condition.number', { number: i + 1 })}</legend>
          <TextField
            label={t('condition.text')}
            value={draft.text}
            onChange={(text) => change(draft.key, { text })}
            rows={2}
          />
          <div className="columns narrow">
            <PersonPicker
              label={t('condition.owner')}
              value={draft.owner}
              onChange={(owner) => change(draft.key, { owner })}
            />
            <SelectField
              label={t('condition.attester')}
              value={draft.attester}
              onChange={(value) => change(draft.key, { attester: value as Draft['attester'] })} // an option below
              options={functions.map((fn) => ({ value: fn, label: tCode('fn', fn) }))}
            />
            <TextField
              label={t('condition.due')}
              type="datetime-local"
              value={draft.due}
              onChange={(due) => change(draft.key, { due })}
            />
            <SelectField
              label={t('condition.phase')}
              value={draft.phase}
              onChange={(value) => change(draft.key, { phase: value as Draft['phase'] })} // an option below
              options={(['before_deploy', 'after_deploy'] as const).map((phase) => ({
                value: phase,
                label: tCode('conditionPhase', phase),
              }))}
            />
            <SelectField
              label={t('condition.onBreach')}
              value={draft.onBreach}
              onChange={(value) => change(draft.key, { onBreach: value as Draft['onBreach'] })} // an option below
              options={breaches.map((act) => ({ value: act, label: tCode('conditionBreach', act) }))}
            />
          </div>
          <div>
            <Button
              kind="quiet"
              onClick={() => onChange(drafts.filter(({ key }) => key !== draft.key))}
              label={t('condition.removeNumber', { number: i + 1 })}
            >
              {t('condition.remove')}
            </Button>
          </div>
        </fieldset>
      ))}
      <div>
        <Button onClick={() => onChange([...drafts, newDraft(attester)])}>{t('condition.add')}</Button>
      </div>
    </div>
  )
}
