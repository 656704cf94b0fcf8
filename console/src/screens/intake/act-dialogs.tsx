import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import {
  changeOwner,
  decideLegalClass,
  overrideTier,
  retireUseCase,
  reviseUseCase,
  withdrawUseCase,
} from '../../../../src/contracts/routes/intake.ts'
import { registerSystem } from '../../../../src/contracts/routes/registry.ts'
import { unreachable } from '../../../../src/kernel/brand.ts'
import { t, tCode } from '../../messages/intake.ts'
import { CommandDialog } from '../../ui/command-dialog.tsx'
import { RadioField, SelectField, TextField } from '../../ui/field.tsx'
import { PersonPicker } from '../../ui/person-picker.tsx'
import type { Act } from './acts.ts'
import { AskDialog } from './ask-dialog.tsx'
import { MergeDialog } from './merge-dialog.tsx'
import { ownerRoles, type OwnerRole, type UseCaseRecord } from './questions.ts'
import { TriageDialog } from './triage-dialog.tsx'

export type DialogProps = { readonly record: UseCaseRecord; readonly onClose: () => void }

/** The dialog of one act. */
export function ActOn({ act, ...props }: DialogProps & { readonly act: Act }) {
  switch (act) {
    case 'triage':
      return <TriageDialog {...props} />
    case 'ask':
      return <AskDialog {...props} />
    case 'merge':
      return <MergeDialog {...props} />
    case 'revise':
      return <ReviseDialog {...props} />
    case 'withdraw':
      return <WithdrawDialog {...props} />
    case 'owner':
      return <OwnerDialog {...props} />
    case 'tier':
      return <TierDialog {...props} />
    case 'legal':
      return <LegalDialog {...props} />
    case 'system':
      return <SystemDialog {...props} />
    case 'retire':
      return <RetireDialog {...props} />
    default:
      return unreachable(act)
  }
}

/** What a command on the record carries besides its body. */
function on({ id, revision }: UseCaseRecord) {
  return { params: { id }, ifMatch: revision }
}

function ReviseDialog({ record, onClose }: DialogProps) {
  const navigate = useNavigate()
  return (
    <CommandDialog
      route={reviseUseCase}
      input={() => ({ ...on(record), body: {} })}
      title={t('act.revise')}
      says={t('act.reviseSays')}
      verb={t('act.reviseVerb')}
      onClose={onClose}
      onDone={() => void navigate({ to: `/intake/${record.id}/edit` })}
    />
  )
}

const withdrawReasons = ['no_longer_needed', 'replaced', 'too_risky', 'asked_by_mistake'] as const

function WithdrawDialog({ record, onClose }: DialogProps) {
  const [reasonCode, setReason] = useState('')
  return (
    <CommandDialog
      route={withdrawUseCase}
      input={() => ({ ...on(record), body: { reasonCode } })}
      title={t('act.withdraw')}
      says={t('act.withdrawSays')}
      verb={t('act.withdrawVerb')}
      isDanger
      whyNot={reasonCode === '' ? t('act.chooseReason') : null}
      onClose={onClose}
    >
      <ReasonField codes={withdrawReasons} value={reasonCode} onChange={setReason} />
    </CommandDialog>
  )
}

const retireReasons = ['end_of_life', 'replaced', 'no_longer_needed', 'too_risky'] as const

function RetireDialog({ record, onClose }: DialogProps) {
  const [reasonCode, setReason] = useState('')
  return (
    <CommandDialog
      route={retireUseCase}
      input={() => ({ ...on(record), body: { reasonCode } })}
      title={t('act.retire')}
      says={t('act.retireSays')}
      verb={t('act.retireVerb')}
      isDanger
      whyNot={reasonCode === '' ? t('act.chooseReason') : null}
      onClose={onClose}
    >
      <ReasonField codes={retireReasons} value={reasonCode} onChange={setReason} />
    </CommandDialog>
  )
}

function ReasonField({
  codes,
  value,
  onChange,
}: {
  readonly codes: readonly string[]
  readonly value: string
  readonly onChange: (code: string) => void
}) {
  return (
    <RadioField
      label={t('act.reasonCode')}
      value={value === '' ? null : value}
      onChange={onChange}
      options={codes.map((code) => ({ value: code, label: tCode('intakeReason', code) }))}
    />
  )
}

function OwnerDialog({ record, onClose }: DialogProps) {
  const [role, setRole] = useState<OwnerRole>('business')
  const [to, setTo] = useState<string | null>(null)
  const now = { business: record.businessOwner, technical: record.technicalOwner, backup: record.backupOwner }
  return (
    <CommandDialog
      route={changeOwner}
      input={() => ({ ...on(record), body: { role, to: to ?? '' } })}
      title={t('act.owner')}
      says={t('act.ownerSays')}
      verb={t('act.ownerVerb')}
      whyNot={to === null ? t('act.choosePerson') : null}
      onClose={onClose}
    >
      <SelectField
        label={t('act.ownerRole')}
        value={role}
        onChange={(chosen) => setRole(ownerRoles.find((one) => one === chosen) ?? 'business')}
        options={ownerRoles.map((one) => ({ value: one, label: tCode('owner', one) }))}
      />
      <PersonPicker
        label={t('act.ownerTo')}
        value={to}
        onChange={setTo}
        whyNot={(person) => (person === now[role] ? t('act.ownerIsNow') : null)}
      />
    </CommandDialog>
  )
}

function TierDialog({ record, onClose }: DialogProps) {
  const [change, setChange] = useState('')
  const [days, setDays] = useState('30')
  const [reason, setReason] = useState('')
  const { down, up } = record.override
  const isDown = change === 'down'
  const input = () => ({
    ...on(record),
    body: isDown
      ? { direction: 'down' as const, days: Number(days), reason }
      : { direction: 'up' as const, to: change === '2' ? (2 as const) : (3 as const), reason },
  })
  const isWhole = /^[1-9]\d?$/.test(days.trim())
  const whyNot =
    change === ''
      ? t('act.chooseTier')
      : reason.trim().length < 20
        ? t('act.reasonShort')
        : isDown && !isWhole
          ? t('act.daysRange')
          : null
  return (
    <CommandDialog
      route={overrideTier}
      input={input}
      title={t('act.tier')}
      says={
        <>
          <p>{t('act.tierSays')}</p>
          {up !== null && <p>{t('act.tierRaised', { tier: up.to })}</p>}
          {down !== null && down.endsAt === null && (
            <p>
              {t('act.tierSigned', {
                fn: down.signed.map(({ fn }) => tCode('fn', fn)).join(', '),
                days: down.days,
              })}
            </p>
          )}
        </>
      }
      verb={t('act.tierVerb')}
      whyNot={whyNot}
      onClose={onClose}
    >
      <RadioField
        label={t('act.tierChange')}
        value={change === '' ? null : change}
        onChange={setChange}
        options={[
          ...([2, 3] as const)
            .filter((tier) => tier > (record.tier ?? 1))
            .map((tier) => ({ value: String(tier), label: t('act.tierRaise', { tier }) })),
          ...(record.tier === 1 ? [] : [{ value: 'down', label: t('act.tierLower') }]),
        ]}
      />
      {isDown && (
        <TextField
          label={t('act.tierDays')}
          help={t('act.tierDaysHelp')}
          inputMode="numeric"
          value={days}
          onChange={setDays}
        />
      )}
      <TextField
        label={t('act.reason')}
        help={t('act.reasonHelp')}
        rows={3}
        value={reason}
        onChange={setReason}
      />
    </CommandDialog>
  )
}

const legalActs = ['article_6_3', 'out_of_scope', 'clear_prohibited'] as const

function LegalDialog({ record, onClose }: DialogProps) {
  const [chosen, setChosen] = useState('')
  const [reason, setReason] = useState('')
  const act = legalActs.find((one) => one === chosen)
  const signed = record.prohibited?.cleared === false ? record.prohibited.clearedBy.length : 0
  return (
    <CommandDialog
      route={decideLegalClass}
      input={() => ({ ...on(record), body: { act: act ?? 'article_6_3', reason } })}
      title={t('act.legal')}
      says={
        <>
          <p>{t('act.legalSays', { name: tCode('legal', record.legal?.class ?? 'undetermined') })}</p>
          {signed > 0 && <p>{t('act.legalSigned', { count: signed })}</p>}
        </>
      }
      verb={t('act.legalVerb')}
      whyNot={
        act === undefined ? t('act.chooseLegal') : reason.trim().length < 20 ? t('act.reasonShort') : null
      }
      onClose={onClose}
    >
      <RadioField
        label={t('act.legalAct')}
        value={chosen === '' ? null : chosen}
        onChange={setChosen}
        options={legalActs.map((one) => ({
          value: one,
          label: tCode('legalAct', one),
          help: tCode('legalActHelp', one),
        }))}
      />
      <TextField
        label={t('act.reason')}
        help={t('act.reasonHelp')}
        rows={3}
        value={reason}
        onChange={setReason}
      />
    </CommandDialog>
  )
}

const kinds = ['built', 'bought', 'embedded'] as const

function SystemDialog({ record, onClose }: DialogProps) {
  const navigate = useNavigate()
  const [kind, setKind] = useState('')
  const [vendorRef, setVendor] = useState('')
  const chosen = kinds.find((one) => one === kind)
  return (
    <CommandDialog
      route={registerSystem}
      input={() => ({
        body: {
          useCaseId: record.id,
          kind: chosen ?? 'built',
          ...(vendorRef.trim() === '' ? {} : { vendorRef }),
        },
      })}
      title={t('act.system')}
      says={t('act.systemSays')}
      verb={t('act.systemVerb')}
      whyNot={chosen === undefined ? t('act.chooseKind') : null}
      onClose={onClose}
      onDone={({ id }) => void navigate({ to: `/systems/${id}` })}
    >
      <RadioField
        label={t('act.systemKind')}
        value={kind === '' ? null : kind}
        onChange={setKind}
        options={kinds.map((one) => ({ value: one, label: tCode('systemKind', one) }))}
      />
      {chosen !== undefined && chosen !== 'built' && (
        <TextField label={t('act.systemVendor')} isOptional value={vendorRef} onChange={setVendor} />
      )}
    </CommandDialog>
  )
}
