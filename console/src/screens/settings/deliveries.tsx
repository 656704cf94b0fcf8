import { readPreferences } from '../../../../src/contracts/routes/collaboration.ts'
import { listDeliveries, listWebhooks, resendDelivery } from '../../../../src/contracts/routes/webhooks.ts'
import { useCommand } from '../../api/command.ts'
import { useRead, type ItemOf } from '../../api/reading.ts'
import { t, tCode } from '../../messages/outgoing.ts'
import type { Tone } from '../../theme/palette.ts'
import { Button } from '../../ui/button.tsx'
import type { Column } from '../../ui/list-columns.ts'
import { Note } from '../../ui/note.tsx'
import { Outcome } from '../../ui/outcome.tsx'
import { Person } from '../../ui/person.tsx'
import { RecordList } from '../../ui/record-list.tsx'
import { Status } from '../../ui/status.tsx'
import { Time } from '../../ui/time.tsx'
import { toast } from '../../ui/toast.tsx'
import { Untrusted } from '../../ui/untrusted.tsx'
import { OutgoingScreen } from './outgoing-screen.tsx'

type Delivery = ItemOf<typeof listDeliveries>
const toneOf: Readonly<Record<Delivery['state'], Tone>> = {
  waiting: 'pending',
  delivered: 'good',
  dead: 'breach',
  dropped: 'neutral',
}
const states = Object.keys(toneOf) as Delivery['state'][] // the keys of the table above
const everyMs = 10_000
const mostCounted = 100

/** What was sent, what is tried again, and what failed for good. */
export function Deliveries() {
  const dead = useRead(listDeliveries, { query: { state: 'dead', limit: mostCounted } }, { everyMs }).data
  const webhooks = useRead(listWebhooks, { query: { limit: 100 } }).data?.items ?? []
  const preferences = useRead(readPreferences, {}).data
  const resend = useCommand(resendDelivery, () => toast(t('delivery.resent')))
  const urlOf = new Map(webhooks.map(({ id, url }) => [id, url]))
  return (
    <OutgoingScreen
      tab="deliveries"
      answer={dead === undefined ? undefined : t('delivery.answer', { dead: dead.items.length })}
    >
      {preferences?.digest === null && <Note>{t('delivery.noMail')}</Note>}
      <Outcome state={resend.state} />
      <RecordList
        id="deliveries"
        route={listDeliveries}
        columns={columnsFor(urlOf, (id) => void resend.send({ params: { id } }))}
        filters={[
          {
            name: 'state',
            label: t('delivery.state'),
            options: states.map((state) => ({ value: state, label: tCode('delivery.state', state) })),
          },
          {
            name: 'channel',
            label: t('delivery.channel'),
            options: (['mail', 'webhook'] as const).map((channel) => ({
              value: channel,
              label: tCode('delivery.channel', channel),
            })),
          },
          {
            name: 'webhookId',
            label: t('delivery.endpoint'),
            none: t('delivery.anyWebhook'),
            options: webhooks.map(({ id, url }) => ({ value: id, label: url })),
          },
        ]}
        keyOf={({ id }) => id}
        empty={t('delivery.none')}
        everyMs={everyMs}
      />
    </OutgoingScreen>
  )
}

function columnsFor(
  urlOf: ReadonlyMap<string, string>,
  resend: (id: Delivery['id']) => void,
): readonly Column<Delivery>[] {
  const wordOf = ({ state }: Delivery) => tCode('delivery.state', state)
  return [
    {
      id: 'state',
      header: t('delivery.state'),
      cell: (delivery) => (
        <Status state={delivery.state} tone={toneOf[delivery.state]} word={wordOf(delivery)} />
      ),
      text: ({ state }) => state,
    },
    {
      id: 'channel',
      header: t('delivery.channel'),
      cell: ({ channel }) => tCode('delivery.channel', channel),
      text: ({ channel }) => channel,
    },
    {
      id: 'to',
      header: t('delivery.to'),
      cell: ({ personId, webhookId }) =>
        personId === null ? (
          <code>
            <Untrusted text={urlOf.get(webhookId ?? '') ?? webhookId ?? ''} />
          </code>
        ) : (
          <Person id={personId} />
        ),
      text: ({ personId, webhookId }) => personId ?? urlOf.get(webhookId ?? '') ?? webhookId ?? '',
    },
    { id: 'what', header: t('delivery.what'), cell: whatOf, text: whatOf },
    {
      id: 'attempts',
      header: t('delivery.attempts'),
      align: 'end',
      cell: ({ attempts }) => attempts,
      text: ({ attempts }) => String(attempts),
    },
    {
      id: 'fault',
      header: t('delivery.fault'),
      cell: ({ fault, status }) => (fault === null ? '' : tCode('fault', fault, { status: status ?? '?' })),
      text: ({ fault, status }) => `${fault ?? ''} ${status ?? ''}`.trim(),
    },
    {
      id: 'created',
      header: t('delivery.created'),
      cell: ({ createdAt }) => <Time at={createdAt} />,
      text: ({ createdAt }) => createdAt,
    },
    {
      id: 'last',
      header: t('delivery.last'),
      isHidden: true,
      cell: ({ lastAt }) => (lastAt === null ? '' : <Time at={lastAt} />),
      text: ({ lastAt }) => lastAt ?? '',
    },
    {
      id: 'next',
      header: t('delivery.next'),
      cell: ({ nextAt }) => (nextAt === null ? '' : <Time at={nextAt} />),
      text: ({ nextAt }) => nextAt ?? '',
    },
    {
      id: 'actions',
      leaves: 'never',
      header: t('common.actions'),
      cell: ({ id, state }) =>
        state === 'dead' ? (
          <Button kind="quiet" onClick={() => resend(id)}>
            {t('delivery.resend')}
          </Button>
        ) : (
          ''
        ),
      text: () => '',
    },
  ]
}

function whatOf({ event, isTest, isDigest }: Delivery): string {
  if (isTest) return t('delivery.test')
  if (event !== null) return tCode('event', event)
  return t(isDigest ? 'delivery.digest' : 'delivery.notice')
}
