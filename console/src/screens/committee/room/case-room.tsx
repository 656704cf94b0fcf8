import { useNavigate, useParams, useRouterState } from '@tanstack/react-router'
import { useRef } from 'react'
import { readCase } from '../../../../../src/contracts/routes/cases.ts'
import { useRead } from '../../../api/reading.ts'
import { usePageCommands } from '../../../frame/page-commands.ts'
import { t, tCode } from '../../../messages/committee.ts'
import { Loaded } from '../../../ui/loaded.tsx'
import { Screen } from '../../../ui/screen.tsx'
import { Status, Tier } from '../../../ui/status.tsx'
import { CaseActions, CaseDialogs, type CaseAct } from './actions.tsx'
import type { Case } from './case.ts'
import { Comments } from '../../collaboration/comments.tsx'
import { CaseTimeline } from './case-timeline.tsx'
import { Evidence } from './evidence.tsx'
import { Result } from './result.tsx'
import { Seats } from './seats.tsx'
import { SubjectPanel } from './subject.tsx'
import { TallyBar } from './tally-bar.tsx'

/** Should this be allowed, and what is missing for a decision? */
export function CaseRoom() {
  const { id } = useParams({ strict: false })
  const read = useRead(readCase, { params: { id: id ?? '' } }, { everyMs: 15_000 })
  if (read.data === undefined)
    return (
      <Screen title={t('case.title')}>
        <Loaded read={read} rows={12}>
          {() => null}
        </Loaded>
      </Screen>
    )
  return <Room found={read.data} />
}

const acts: readonly CaseAct[] = ['vote', 'object', 'recuse', 'start', 'close', 'cancel', 'revoke']

function Room({ found }: { readonly found: Case }) {
  const navigate = useNavigate()
  const search = useRouterState({
    select: ({ location }) => location.search as Readonly<Record<string, string>>, // plain text by name, by `router.tsx`
  })
  const tally = useRef<HTMLDivElement>(null)
  const open = acts.find((act) => act === search['act']) ?? null
  const setOpen = (act: CaseAct | null) =>
    void navigate({ to: '.', search: act === null ? {} : { act }, replace: true })
  const isVoting = found.state === 'voting'
  usePageCommands([
    ...(isVoting
      ? [
          { label: t('case.castBallot'), key: 'v', run: () => setOpen('vote') },
          { label: t('case.object'), key: 'o', run: () => setOpen('object') },
          { label: t('case.recuse'), key: 'r', run: () => setOpen('recuse') },
        ]
      : []),
    { label: t('case.tally'), key: 't', run: () => tally.current?.focus() },
  ])
  const { kind, environment } = found.subject
  return (
    <Screen
      title={found.title}
      answer={
        <span className="row">
          <Status state={stateOf(found)} />
          <Tier tier={found.tier} />
          <span>
            {t('case.question', {
              kind,
              environment: tCode('environment', environment),
            })}
          </span>
        </span>
      }
      actions={<CaseActions found={found} onAct={setOpen} />}
    >
      <TallyBar found={found} focus={tally} />
      <Result found={found} />
      <div className="room">
        <SubjectPanel found={found} />
        <Evidence found={found} />
        <Seats found={found} onAct={setOpen} />
      </div>
      <CaseTimeline found={found} />
      <Comments subject={{ k: 'case', id: found.id }} />
      <CaseDialogs found={found} open={open} onClose={() => setOpen(null)} />
    </Screen>
  )
}

/** The state of the case; of a decided one what was decided, and whether that still stands. */
function stateOf({ state, decision }: Case): string {
  if (decision === null) return state
  return decision.revoked ? 'revoked' : decision.outcome
}
