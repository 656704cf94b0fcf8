import { t, tCode } from '../../../messages/committee.ts'
import { Panel } from '../../../ui/panel.tsx'
import { Person } from '../../../ui/person.tsx'
import { Timeline } from '../../../ui/timeline.tsx'
import { isOpenCase, type Case } from './case.ts'

type Event = Case['events'][number]

/** What happened, and which instants are still to come: when it can be closed at the earliest, when it ends by itself. */
export function CaseTimeline({ found }: { readonly found: Case }) {
  const { events, closableFrom, deadline } = found
  const coming = isOpenCase(found)
    ? [
        ...(closableFrom !== null && Date.parse(closableFrom) > Date.now()
          ? [{ id: 'closable', at: closableFrom, text: t('case.willBeClosable') }]
          : []),
        { id: 'deadline', at: deadline, text: t('case.willLapse') },
      ]
    : []
  return (
    <Panel title={t('case.timeline')}>
      <Timeline
        moments={[
          ...events.map((event, i) => ({ id: String(i), at: event.at, text: <Happened event={event} /> })),
          ...coming,
        ]}
      />
    </Panel>
  )
}

function Happened({ event: { event, by, fn, what } }: { readonly event: Event }) {
  const words = tCode('caseEvent', event.replaceAll('.', '_'))
  const group = groups[event]
  return (
    <span className={event === 'ballot.voided' ? 'tone-attention' : undefined}>
      {fn === null ? words : `${tCode('fn', fn)}, ${words}`}
      {what !== null && group !== undefined && `: ${tCode(group, what)}`}
      {by !== null && (
        <>
          {' '}
          (<Person id={by} />)
        </>
      )}
    </span>
  )
}

/** Which words belong to what an event names. */
const groups: Readonly<Record<string, Parameters<typeof tCode>[0]>> = {
  'ballot.cast': 'choice',
  'ballot.voided': 'voidCause',
  'decision.recorded': 'state',
  'case.cancelled': 'cancelReason',
  'decision.revoked': 'revokeReason',
}
