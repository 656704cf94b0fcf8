import { useState } from 'react'
import { confirmTool, dropTool, registerTool } from '../../../../src/contracts/routes/tools.ts'
import { useCommand } from '../../api/command.ts'
import { useMe } from '../../api/session.ts'
import { t, tCode } from '../../messages/tools.ts'
import { ActForm } from '../../ui/act-form.tsx'
import { Button } from '../../ui/button.tsx'
import { CheckField, RadioField, TextField } from '../../ui/field.tsx'
import { Note } from '../../ui/note.tsx'
import { Outcome } from '../../ui/outcome.tsx'
import { Actor } from '../../ui/person.tsx'
import { toast } from '../../ui/toast.tsx'
import type { ToolDetail } from './tool.tsx'

type Terms = ToolDetail['terms']
const sends = ['open', 'yes', 'no'] as const

/** What the organisation says of the approved definition of a tool, and looser terms that wait for somebody else. */
export function ToolTerms({ tool, pinned }: { readonly tool: ToolDetail; readonly pinned: string }) {
  const mayManage = useMe().data?.permissions.includes('gateway.manage') === true
  const { terms } = tool
  const name = { toolId: tool.toolId, definition: pinned }
  const [isVouched, setVouched] = useState(terms.vouchedFor === true)
  const [outside, setOutside] = useState<string>(sendsOf(terms.sendsOutside))
  const [destination, setDestination] = useState(terms.destination?.argument ?? '')
  const [listed, setListed] = useState(terms.destination?.listed.join('\n') ?? '')
  const [target, setTarget] = useState(terms.target?.argument ?? '')
  const [registered, setRegistered] = useState(terms.target?.registered.join('\n') ?? '')
  const { state, send } = useCommand(registerTool)
  const register = async () => {
    const stated: Terms = {
      ...(isVouched ? { vouchedFor: true } : {}),
      ...(outside === 'open' ? {} : { sendsOutside: outside === 'yes' }),
      ...(destination === '' ? {} : { destination: { argument: destination, listed: linesOf(listed) } }),
      ...(target === '' ? {} : { target: { argument: target, registered: linesOf(registered) } }),
    }
    const reply = await send({ body: { ...name, terms: stated } })
    if (reply !== null) toast(t(reply.isWaiting ? 'tool.waiting' : 'tool.registered'))
  }
  return (
    <div className="stack">
      {tool.proposed !== null && <Proposed by={tool.proposed.by} name={name} mayManage={mayManage} />}
      <ActForm
        verb={t('tool.register')}
        state={state}
        whyNot={mayManage ? null : t('common.noAccess')}
        onSend={() => void register()}
      >
        <p className="muted">{t('tool.termsHelp')}</p>
        <RadioField
          label={t('tool.sends')}
          value={outside}
          onChange={setOutside}
          options={sends.map((value) => ({ value, label: tCode('tool.sendsOf', value) }))}
        />
        <CheckField label={t('tool.vouched')} checked={isVouched} onChange={setVouched} />
        <TextField
          label={t('tool.destinationArgument')}
          value={destination}
          onChange={setDestination}
          isMono
        />
        {destination !== '' && (
          <TextField
            label={t('tool.destinations')}
            help={t('tool.destinationsHelp')}
            value={listed}
            onChange={setListed}
            rows={3}
            isMono
          />
        )}
        <TextField label={t('tool.targetArgument')} value={target} onChange={setTarget} isMono />
        {target !== '' && (
          <TextField label={t('tool.targets')} value={registered} onChange={setRegistered} rows={3} isMono />
        )}
      </ActForm>
    </div>
  )
}

function Proposed({
  by,
  name,
  mayManage,
}: {
  readonly by: string
  readonly name: { readonly toolId: string; readonly definition: string }
  readonly mayManage: boolean
}) {
  const confirm = useCommand(confirmTool)
  const drop = useCommand(dropTool)
  return (
    <Note tone="attention">
      <p>
        {t('tool.proposed')} <Actor id={by} />
      </p>
      <Outcome state={confirm.state} />
      <Outcome state={drop.state} />
      {mayManage && (
        <div className="row">
          <Button onClick={() => void confirm.send({ body: name })}>{t('tool.confirm')}</Button>
          <Button kind="quiet" onClick={() => void drop.send({ body: name })}>
            {t('tool.drop')}
          </Button>
        </div>
      )}
    </Note>
  )
}

function sendsOf(sendsOutside: boolean | undefined): (typeof sends)[number] {
  if (sendsOutside === undefined) return 'open'
  return sendsOutside ? 'yes' : 'no'
}

function linesOf(text: string): string[] {
  const lines = text.split('\n').map((line) => line.trim())
  return lines.filter((line) => line !== '')
}
