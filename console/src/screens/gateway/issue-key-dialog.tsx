import { useState } from 'react'
import { issueGatewayKey, readGateway, readRoute } from '../../../../src/contracts/routes/gateway.ts'
import { useCommand } from '../../api/command.ts'
import { useRead } from '../../api/reading.ts'
import { t, tCode } from '../../messages/gateway.ts'
import { ActDialog } from '../../ui/act-dialog.tsx'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { TextField } from '../../ui/field.tsx'
import { Note } from '../../ui/note.tsx'
import { Untrusted } from '../../ui/untrusted.tsx'
import { CommandLine } from './command-line.tsx'
import { requestLine } from './first-request.tsx'
import { networksIn } from './networks.ts'

const dayMs = 86_400_000
const usualDays = 30

/** Issues a key for one agent of a deployment. The token is shown this once. */
export function IssueKeyDialog({
  route,
  onClose,
}: {
  readonly route: { readonly id: string; readonly title: string; readonly environment: string }
  readonly onClose: () => void
}) {
  const [agent, setAgent] = useState('')
  const [day, setDay] = useState(() => new Date(Date.now() + usualDays * dayMs).toISOString().slice(0, 10))
  const [networks, setNetworks] = useState('')
  const { state, send } = useCommand(issueGatewayKey)
  const end = new Date(`${day}T23:59:59.000Z`)
  const isNoDay = Number.isNaN(end.getTime())
  const issue = () => {
    const body = { agent, expiresAt: end.toISOString(), sources: networksIn(networks) }
    void send({ params: { id: route.id }, body })
  }
  if (state.k === 'recorded')
    return (
      <Dialog
        open
        onClose={onClose}
        title={t('key.issuedTitle')}
        footer={<Button onClick={onClose}>{t('key.stored')}</Button>}
      >
        <Issued routeId={route.id} token={state.reply.token} />
      </Dialog>
    )
  return (
    <ActDialog
      title={t('key.issueTitle')}
      verb={t('key.issue')}
      whyNot={agent === '' ? t('key.agentMissing') : isNoDay ? t('key.endMissing') : null}
      state={state}
      onSend={issue}
      onClose={onClose}
    >
      <p>
        <Untrusted text={route.title} />, {tCode('environment', route.environment)}
      </p>
      <p>{t('key.issueText')}</p>
      <TextField label={t('key.agent')} help={t('key.agentHelp')} value={agent} onChange={setAgent} isMono />
      <TextField label={t('key.end')} help={t('key.endHelp')} value={day} onChange={setDay} type="date" />
      <TextField
        label={t('key.networks')}
        help={t('key.networksHelp')}
        value={networks}
        onChange={setNetworks}
        isMono
        isOptional
      />
    </ActDialog>
  )
}

/** The token, once, with a line that uses it. It stands nowhere but in this dialog. */
function Issued({ routeId, token }: { readonly routeId: string; readonly token: string }) {
  const { data } = useRead(readGateway, {})
  const route = useRead(readRoute, { params: { id: routeId } })
  const model = Object.keys(route.data?.models ?? {})[0] ?? route.data?.aliases[0] ?? null
  return (
    <>
      <Note tone="attention" live="polite">
        {t('key.once')}
      </Note>
      <CommandLine text={token} label={t('key.token')} />
      {data?.origin != null && (
        <>
          <p>{t('key.try')}</p>
          <CommandLine text={requestLine(data.origin, token, model)} label={t('gateway.firstRequest')} />
          <p className="muted">{t('key.history')}</p>
        </>
      )}
      {data?.origin === null && <p>{t('gateway.noGateway')}</p>}
    </>
  )
}
