import { useState } from 'react'
import { configureRoute, readRoute } from '../../../../src/contracts/routes/gateway.ts'
import type { ReplyOf } from '../../../../src/contracts/route.ts'
import { useCommand } from '../../api/command.ts'
import { useRead } from '../../api/reading.ts'
import { t } from '../../messages/gateway.ts'
import { ActForm } from '../../ui/act-form.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { SelectField, TextField } from '../../ui/field.tsx'
import { Loaded } from '../../ui/loaded.tsx'
import { Note } from '../../ui/note.tsx'
import { toast } from '../../ui/toast.tsx'
import { Untrusted } from '../../ui/untrusted.tsx'
import type { RouteRow } from './routes.tsx'

type RouteView = ReplyOf<typeof readRoute>

/** To which provider each declared model of a deployment goes. */
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
          data.aliases.length === 0 ? (
            <Note tone="attention">{t('route.noAliases')}</Note>
          ) : (
            <Form route={data} onClose={onClose} />
          )
        }
      </Loaded>
    </Dialog>
  )
}

type Way = { readonly upstreamId: string; readonly model: string }

function Form({ route, onClose }: { readonly route: RouteView; readonly onClose: () => void }) {
  const [ways, setWays] = useState<Readonly<Record<string, Way>>>(() =>
    Object.fromEntries(route.aliases.map((alias) => [alias, wayOf(route, alias)])),
  )
  const { state, send } = useCommand(configureRoute)
  const configure = async () => {
    const models = Object.fromEntries(Object.entries(ways).filter(([, { upstreamId }]) => upstreamId !== ''))
    const input = { params: { id: route.id }, body: { models }, ifMatch: route.revision }
    if ((await send(input)) === null) return
    toast(t('route.configured'))
    onClose()
  }
  const set = (alias: string, change: Partial<Way>) =>
    setWays({ ...ways, [alias]: { ...(ways[alias] ?? wayOf(route, alias)), ...change } })
  return (
    <ActForm verb={t('route.configure')} state={state} onSend={() => void configure()} onClose={onClose}>
      {route.aliases.map((alias) => {
        const { upstreamId, model } = ways[alias] ?? wayOf(route, alias)
        return (
          <fieldset key={alias} className="field">
            <legend>
              <code>
                <Untrusted text={alias} />
              </code>
            </legend>
            <SelectField
              label={t('route.provider')}
              value={upstreamId}
              onChange={(chosen) => set(alias, { upstreamId: chosen })}
              empty={t('route.nowhere')}
              options={route.upstreams.map(({ id, name, region, state: of }) => ({
                value: id,
                label: `${name}, ${region}`,
                whyNot: of === 'disabled' ? t('provider.isDisabled') : null,
              }))}
            />
            {upstreamId !== '' && (
              <TextField
                label={t('route.model')}
                help={t('route.modelHelp')}
                value={model}
                onChange={(text) => set(alias, { model: text })}
                isMono
              />
            )}
          </fieldset>
        )
      })}
    </ActForm>
  )
}

/** As it is now; a new alias starts with the model of its own name. */
function wayOf({ models }: RouteView, alias: string): Way {
  return models[alias] ?? { upstreamId: '', model: alias.slice(alias.indexOf('/') + 1) }
}
