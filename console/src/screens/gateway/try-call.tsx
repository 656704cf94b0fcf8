import { useState } from 'react'
import { listToolPolicies, taints, tryToolPolicy } from '../../../../src/contracts/routes/tool-policies.ts'
import type { BodyInputOf, ReplyOf } from '../../../../src/contracts/route.ts'
import { autonomies, dataClasses, effects } from '../../../../src/kernel/vocabulary.ts'
import { useCommand } from '../../api/command.ts'
import { useRead } from '../../api/reading.ts'
import { t, tCode } from '../../messages/tools.ts'
import { Button } from '../../ui/button.tsx'
import { CheckField, SelectField, TextField } from '../../ui/field.tsx'
import { Outcome } from '../../ui/outcome.tsx'
import { Faults, type Candidate } from './policy-bench.tsx'
import { versionName } from './policy-version.ts'
import { DecisionText } from './policy-decision.tsx'

type Call = BodyInputOf<typeof tryToolPolicy>['calls'][number]
type Flag = 'sendsOutside' | 'mayExternalSend' | 'destinationListed' | 'targetRegistered'
const flags: readonly Flag[] = ['sendsOutside', 'mayExternalSend', 'destinationListed', 'targetRegistered']

/** One call that somebody makes up, and what the policy says of it beside another one. */
export function TryCall({ candidate }: { readonly candidate: Candidate }) {
  const [call, setCall] = useState<Call>({ toolId: 'tickets/create', effect: 'write', tier: 2 })
  const [args, setArgs] = useState('{}')
  const [current, setCurrent] = useState('')
  const [reply, setReply] = useState<ReplyOf<typeof tryToolPolicy> | null>(null)
  const { state, send } = useCommand(tryToolPolicy, setReply)
  const { data } = useRead(listToolPolicies, {})
  const set = (change: Partial<Call>) => {
    setReply(null)
    setCall({ ...call, ...change })
  }
  const parsed = objectIn(args)
  const tryIt = () =>
    send({
      body: {
        candidate,
        current: current === '' ? null : current,
        calls: [{ ...call, args: parsed ?? {} }],
      },
    })
  const choice = <M extends 'effect' | 'autonomyMax' | 'taint' | 'dataClass'>(
    member: M,
    label: string,
    values: readonly NonNullable<Call[M]>[],
    usual: NonNullable<Call[M]>,
    word: (value: string) => string,
  ) => (
    <SelectField
      label={label}
      value={call[member] ?? usual}
      onChange={(value) => set({ [member]: value })}
      options={values.map((value) => ({ value, label: word(value) }))}
    />
  )
  const result = reply?.k === 'results' ? reply.results[0] : undefined
  return (
    <fieldset className="draft stack">
      <legend>{t('bench.call')}</legend>
      <div className="columns">
        <div className="stack">
          <TextField
            label={t('tool.name')}
            value={call.toolId}
            onChange={(toolId) => set({ toolId })}
            isMono
          />
          {choice('effect', t('tool.effect'), effects, 'write', (value) => tCode('tool.effectOf', value))}
          {choice('autonomyMax', t('tool.autonomy'), autonomies, 'A4', (value) => value)}
          <SelectField
            label={t('bench.tier')}
            value={String(call.tier)}
            onChange={(tier) => set({ tier: Number(tier) as Call['tier'] })} // one of the three
            options={['1', '2', '3'].map((value) => ({ value, label: value }))}
          />
          <TextField
            label={t('bench.arguments')}
            value={args}
            onChange={(text) => {
              setReply(null)
              setArgs(text)
            }}
            rows={3}
            isMono
            fault={parsed === null ? t('bench.notJson') : null}
          />
        </div>
        <div className="stack">
          {choice('taint', t('bench.taint'), taints, 'user', (value) => tCode('bench.taintOf', value))}
          {choice('dataClass', t('bench.dataClass'), dataClasses, 'public', (value) =>
            tCode('dataClass', value),
          )}
          {flags.map((flag) => (
            <CheckField
              key={flag}
              label={t(`bench.${flag}`)}
              checked={call[flag] === true}
              onChange={(isSet) => set({ [flag]: isSet })}
            />
          ))}
          <SelectField
            label={t('bench.compare')}
            value={current}
            onChange={setCurrent}
            empty={t('common.none')}
            options={(data?.items ?? []).flatMap((item) =>
              item.digest === null ? [] : [{ value: item.digest, label: versionName(item) }],
            )}
          />
          <div className="row">
            <Button whyNot={parsed === null ? t('bench.notJson') : null} onClick={() => void tryIt()}>
              {t('bench.try')}
            </Button>
          </div>
        </div>
      </div>
      <Outcome state={state} />
      {reply?.k === 'faults' && <Faults faults={reply.faults} />}
      {result !== undefined && (
        <dl className="facts" role="status">
          <dt>{t('bench.candidate')}</dt>
          <dd>
            <DecisionText decision={result.candidate} />
          </dd>
          {result.current !== null && (
            <>
              <dt>{t('bench.compare')}</dt>
              <dd>
                <DecisionText decision={result.current} />
              </dd>
            </>
          )}
        </dl>
      )}
    </fieldset>
  )
}

type Json = NonNullable<Call['args']>

function objectIn(text: string): Json | null {
  try {
    const value: unknown = JSON.parse(text)
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
    return isObject ? (value as Json) : null // read as JSON
  } catch {
    return null // what is wrong with it is said beside the field
  }
}
