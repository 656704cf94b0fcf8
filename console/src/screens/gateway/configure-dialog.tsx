import { useState } from 'react'
import { configureRoute, readRoute } from '../../../../src/contracts/routes/gateway.ts'
import type { ReplyOf } from '../../../../src/contracts/route.ts'
import { useCommand } from '../../api/command.ts'
import { useRead } from '../../api/reading.ts'
import { t } from '../../messages/gateway.ts'
import { ActForm } from '../../ui/act-form.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { SelectField } from '../../ui/field.tsx'
import { Loaded } from '../../ui/loaded.tsx'
import { Note } from '../../ui/note.tsx'
import { toast } from '../../ui/toast.tsx'
import { Untrusted } from '../../ui/untrusted.tsx'
import type { RouteRow } from './routes.tsx'
import { choicesOf, WaysField } from './ways-field.tsx'
import { modelsOf, waysOf, type Way } from './ways.ts'

type RouteView = ReplyOf<typeof readRoute>

/** To which providers each declared model of a deployment goes, and each server of its tools. */
export function ConfigureDialog({
  route,
  onClose,
}: {
  readonly route: RouteRow
  readonly onClose: () => void
}) {
  const read = useRead(readRoute, { params: { id: route.id } })
  return (
    <Dialog open onClose={onClose} title={t('route.configureTitle')}>
      <p>
        <Untrusted text={route.title} />
      </p>
      <p>{t('route.configureText')}</p>
      <Loaded read={read}>
        {(data) =>
          data.aliases.length + data.declaredServers.length === 0 ? (
            <Note tone="attention">{t('route.noAliases')}</Note>
          ) : (
            <Form route={data} onClose={onClose} />
          )
        }
      </Loaded>
    </Dialog>
  )
}

function Form({ route, onClose }: { readonly route: RouteView; readonly onClose: () => void }) {
  const [ways, setWays] = useState<Readonly<Record<string, readonly Way[]>>>(() =>
    Object.fromEntries(route.aliases.map((alias) => [alias, waysOf(route, alias)])),
  )
  const [servers, setServers] = useState<Readonly<Record<string, string>>>(() =>
    Object.fromEntries(
      route.declaredServers.map((server) => [server, route.servers[server]?.upstreamId ?? '']),
    ),
  )
  const { state, send } = useCommand(configureRoute)
  const configure = async () => {
    const chosen = Object.entries(servers).filter(([, upstreamId]) => upstreamId !== '')
    const body = {
      models: modelsOf(ways),
      servers: Object.fromEntries(chosen.map(([server, upstreamId]) => [server, { upstreamId }])),
    }
    const input = { params: { id: route.id }, body, ifMatch: route.revision }
    if ((await send(input)) === null) return
    toast(t('route.configured'))
    onClose()
  }
  return (
    <ActForm verb={t('route.configure')} state={state} onSend={() => void configure()} onClose={onClose}>
      {route.aliases.map((alias) => (
        <WaysField
          key={alias}
          route={route}
          alias={alias}
          ways={ways[alias] ?? waysOf(route, alias)}
          onChange={(changed) => setWays({ ...ways, [alias]: changed })}
        />
      ))}
      {route.declaredServers.map((server) => (
        <SelectField
          key={server}
          label={t('route.tools', { server })}
          value={servers[server] ?? ''}
          onChange={(chosen) => setServers({ ...servers, [server]: chosen })}
          empty={t('route.nowhere')}
          options={choicesOf(route, 'tools')}
        />
      ))}
    </ActForm>
  )
}
