import { useState } from 'react'
import { readRoute, setRouteContent } from '../../../../src/contracts/routes/gateway.ts'
import { useCommand } from '../../api/command.ts'
import { useRead } from '../../api/reading.ts'
import { t } from '../../messages/gateway.ts'
import { ActForm } from '../../ui/act-form.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { TextField } from '../../ui/field.tsx'
import { Loaded } from '../../ui/loaded.tsx'
import { toast } from '../../ui/toast.tsx'
import { Untrusted } from '../../ui/untrusted.tsx'
import type { RouteRow } from './routes.tsx'

/** For how many days the text of the calls of a route is kept from now on. */
export function KeepTextDialog({
  route,
  onClose,
}: {
  readonly route: RouteRow
  readonly onClose: () => void
}) {
  const read = useRead(readRoute, { params: { id: route.id } })
  return (
    <Dialog open onClose={onClose} title={t('route.keepTitle')}>
      <p>
        <Untrusted text={route.title} />
      </p>
      <p>{t('route.keepText')}</p>
      <Loaded read={read}>
        {({ id, contentDays }) => <Form id={id} before={contentDays} onClose={onClose} />}
      </Loaded>
    </Dialog>
  )
}

function Form({
  id,
  before,
  onClose,
}: {
  readonly id: string
  readonly before: number | null
  readonly onClose: () => void
}) {
  const [text, setText] = useState(before === null ? '' : String(before))
  const { state, send } = useCommand(setRouteContent)
  const days = text.trim() === '' ? null : Number(text)
  const isWrong = days !== null && !(Number.isInteger(days) && days >= 1 && days <= 365)
  const keep = async () => {
    if ((await send({ params: { id }, body: { days } })) === null) return
    toast(t(days === null ? 'route.keptNoMore' : 'route.kept'))
    onClose()
  }
  return (
    <ActForm
      verb={t('route.keepSet')}
      whyNot={isWrong ? t('route.keepDaysWrong') : days === before ? t('route.keepSame') : null}
      state={state}
      onSend={() => void keep()}
      onClose={onClose}
    >
      <TextField
        label={t('route.keepDays')}
        help={t('route.keepDaysHelp')}
        value={text}
        onChange={setText}
        isOptional
      />
    </ActForm>
  )
}
