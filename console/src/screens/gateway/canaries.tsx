import { useState } from 'react'
import { issueCanary, listCanaries, retireCanary } from '../../../../src/contracts/routes/canaries.ts'
import { listRoutes } from '../../../../src/contracts/routes/gateway.ts'
import { useCommand } from '../../api/command.ts'
import { useRead, type ItemOf } from '../../api/reading.ts'
import { t, tCode } from '../../messages/gateway.ts'
import { ActDialog } from '../../ui/act-dialog.tsx'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { SelectField, TextField } from '../../ui/field.tsx'
import { Go } from '../../ui/go.tsx'
import type { Column } from '../../ui/list-columns.ts'
import { Note } from '../../ui/note.tsx'
import { Actor } from '../../ui/person.tsx'
import { PlaceName } from '../../ui/place-name.tsx'
import { RecordList } from '../../ui/record-list.tsx'
import { Time } from '../../ui/time.tsx'
import { toast } from '../../ui/toast.tsx'
import { Untrusted } from '../../ui/untrusted.tsx'
import { CommandLine } from './command-line.tsx'
import { GatewayScreen } from './gateway-screen.tsx'

type Canary = ItemOf<typeof listCanaries>
type Closing = { readonly onClose: () => void }
const places = ['system_prompt', 'document', 'deployment'] as const satisfies readonly Canary['place'][]

/** Tokens that tell of a leak wherever they are seen. */
export function GatewayCanaries() {
  const [open, setOpen] = useState<Canary | 'issue' | null>(null)
  const close = () => setOpen(null)
  return (
    <GatewayScreen
      tab="canaries"
      answer={t('canary.answer')}
      actions={<Button onClick={() => setOpen('issue')}>{t('canary.issue')}</Button>}
    >
      <RecordList
        id="gateway-canaries"
        route={listCanaries}
        columns={columnsFor(setOpen)}
        keyOf={({ id }) => id}
        empty={t('canary.none')}
        everyMs={10_000}
      />
      {open === 'issue' && <IssueDialog onClose={close} />}
      {open !== null && open !== 'issue' && <RetireDialog canary={open} onClose={close} />}
    </GatewayScreen>
  )
}

/** Issues a canary. The token stands nowhere but in this dialog. */
function IssueDialog({ onClose }: Closing) {
  const [deploymentId, setDeploymentId] = useState('')
  const [place, setPlace] = useState<Canary['place']>('system_prompt')
  const [label, setLabel] = useState('')
  const routes = useRead(listRoutes, { query: { limit: 200 } })
  const { state, send } = useCommand(issueCanary)
  if (state.k === 'recorded')
    return (
      <Dialog
        open
        onClose={onClose}
        title={t('canary.issued')}
        footer={<Button onClick={onClose}>{t('key.stored')}</Button>}
      >
        <Note tone="attention" live="polite">
          {t('canary.once')}
        </Note>
        <CommandLine text={state.reply.token} label={t('canary.token')} />
      </Dialog>
    )
  return (
    <ActDialog
      title={t('canary.issueTitle')}
      verb={t('canary.issue')}
      whyNot={deploymentId === '' || label === '' ? t('canary.missing') : null}
      state={state}
      onSend={() => void send({ body: { deploymentId, place, label } })}
      onClose={onClose}
    >
      <SelectField
        label={t('canary.of')}
        value={deploymentId}
        onChange={setDeploymentId}
        empty={t('canary.choose')}
        options={(routes.data?.items ?? [])
          .filter(({ op }) => op !== 'retired')
          .map((route) => ({
            value: route.deploymentId,
            label: `${route.title}, ${tCode('environment', route.environment)}`,
          }))}
      />
      <SelectField
        label={t('canary.place')}
        help={tCode('canary.placeHelp', place)}
        value={place}
        onChange={(value) => setPlace(places.find((each) => each === value) ?? place)}
        options={places.map((value) => ({ value, label: tCode('canary.placeOf', value) }))}
      />
      <TextField
        label={t('canary.label')}
        help={t('canary.labelHelp')}
        value={label}
        onChange={setLabel}
        isMono
      />
    </ActDialog>
  )
}

function RetireDialog({ canary, onClose }: Closing & { readonly canary: Canary }) {
  const { state, send } = useCommand(retireCanary)
  const retire = async () => {
    if ((await send({ params: { id: canary.id }, body: {} })) === null) return
    toast(t('canary.retired'))
    onClose()
  }
  return (
    <ActDialog
      title={t('canary.retireTitle')}
      verb={t('canary.retire')}
      kind="danger"
      state={state}
      onSend={() => void retire()}
      onClose={onClose}
    >
      <p>
        <Untrusted text={canary.label} />
      </p>
      <p>{t('canary.retireText')}</p>
    </ActDialog>
  )
}

/** Where a canary was seen: the first call in each deployment. */
function Leaks({ leaks }: { readonly leaks: Canary['leaks'] }) {
  if (leaks.length === 0) return <>{t('canary.unseen')}</>
  return (
    <>
      {leaks.map(({ deploymentId, recordId, firstAt, calls }) => (
        <div key={deploymentId}>
          <PlaceName id={deploymentId} />:{' '}
          <Go to={`/gateway/records/${recordId}`}>{t('canary.calls', { calls })}</Go>, <Time at={firstAt} />
        </div>
      ))}
    </>
  )
}

function columnsFor(open: (canary: Canary) => void): readonly Column<Canary>[] {
  return [
    {
      id: 'label',
      header: t('canary.label'),
      cell: ({ label }) => <Untrusted text={label} />,
      text: ({ label }) => label,
    },
    {
      id: 'place',
      header: t('canary.place'),
      cell: ({ place }) => tCode('canary.placeOf', place),
      text: ({ place }) => place,
    },
    {
      id: 'deployment',
      header: t('canary.of'),
      cell: ({ deploymentId }) => <PlaceName id={deploymentId} />,
      text: ({ deploymentId }) => deploymentId,
    },
    {
      id: 'leaks',
      leaves: 'last',
      header: t('canary.leaks'),
      cell: ({ leaks }) => <Leaks leaks={leaks} />,
      text: ({ leaks }) => leaks.map(({ recordId, calls }) => `${recordId} ${calls}`).join(' '),
    },
    {
      id: 'by',
      header: t('key.by'),
      cell: ({ issuedBy }) => <Actor id={issuedBy} />,
      text: ({ issuedBy }) => issuedBy,
      isHidden: true,
    },
    {
      id: 'at',
      header: t('key.issued'),
      cell: ({ issuedAt }) => <Time at={issuedAt} />,
      text: ({ issuedAt }) => issuedAt,
      isHidden: true,
    },
    {
      id: 'actions',
      leaves: 'never',
      header: t('common.actions'),
      cell: (canary) =>
        canary.retiredAt === null ? (
          <Button kind="quiet" onClick={() => open(canary)}>
            {t('canary.retire')}
          </Button>
        ) : (
          t('canary.isRetired')
        ),
      text: ({ retiredAt }) => retiredAt ?? '',
    },
  ]
}
