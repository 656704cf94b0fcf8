import { Link, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { explainTier } from '../../../../src/contracts/routes/intake.ts'
import { readSystem } from '../../../../src/contracts/routes/registry.ts'
import type { ReplyOf } from '../../../../src/contracts/route.ts'
import { useRead } from '../../api/reading.ts'
import { useAddress } from '../../frame/location.ts'
import { usePageCommands } from '../../frame/page-commands.ts'
import { t, tCode } from '../../messages/registry.ts'
import { Button } from '../../ui/button.tsx'
import { Id } from '../../ui/copy.tsx'
import { Facts } from '../../ui/facts.tsx'
import { Boundary } from '../../ui/loaded.tsx'
import { Menu } from '../../ui/menu.tsx'
import { Person } from '../../ui/person.tsx'
import { PendingScreen } from '../../ui/pending-screen.tsx'
import { Screen } from '../../ui/screen.tsx'
import { Status, Tier } from '../../ui/status.tsx'
import { Tabs } from '../../ui/tabs.tsx'
import { Time } from '../../ui/time.tsx'
import { Untrusted } from '../../ui/untrusted.tsx'
import { Comments, writeHash } from '../collaboration/comments.tsx'
import { StopButton } from '../safety/stop-dialog.tsx'
import { permits } from './authorization.tsx'
import { NewReleaseDialog } from './new-release-dialog.tsx'
import { RetireSystemDialog } from './retire-system-dialog.tsx'
import { SystemDecisions } from './system-decisions.tsx'
import { SystemDeployments } from './system-deployments.tsx'
import { SystemOverview } from './system-overview.tsx'
import { SystemRecord } from './system-record.tsx'
import { SystemReleases } from './system-releases.tsx'
import { SystemUseCase } from './system-use-case.tsx'

export type SystemView = ReplyOf<typeof readSystem>

const tabs = {
  overview: SystemOverview,
  'use-case': SystemUseCase,
  releases: SystemReleases,
  deployments: SystemDeployments,
  decisions: SystemDecisions,
  comments: SystemComments,
  record: SystemRecord,
} as const
const tabNames = Object.keys(tabs) as (keyof typeof tabs)[] // the keys of our own table

/** May this system run, what exactly runs, how do we know? */
export function System() {
  const { id = '', tab = 'overview' } = useAddress()
  const { data, error, refetch } = useRead(readSystem, { params: { id } }, { everyMs: 15_000 })
  if (data === undefined)
    return <PendingScreen title={t('registry.name')} error={error} onRetry={() => void refetch()} />
  return <Page system={data} tab={tabNames.find((name) => name === tab) ?? 'overview'} />
}

function Page({ system, tab }: { readonly system: SystemView; readonly tab: keyof typeof tabs }) {
  const navigate = useNavigate()
  const [open, setOpen] = useState<'release' | 'retire' | null>(null)
  const { id, name, releases, state } = system
  const isRetired = state === 'retired' ? t('system.isRetired') : null
  const [newest, before] = releases.toSorted((a, b) => b.createdAt.localeCompare(a.createdAt))
  const compared = system.approved === newest?.digest ? before?.digest : (system.approved ?? before?.digest)
  usePageCommands([
    ...(tab === 'comments'
      ? []
      : [
          {
            label: tCode('system.tab', 'comments'),
            key: 'm',
            run: () => void navigate({ to: `/systems/${id}/comments`, hash: writeHash }),
          },
        ]),
    ...tabNames.map((one, i) => ({
      label: t('system.goToTab', { tab: tCode('system.tab', one) }),
      key: String(i + 1),
      run: () => void navigate({ to: `/systems/${id}/${one}` }),
    })),
    ...(newest === undefined || compared === undefined
      ? []
      : [
          {
            label: t('system.compareNewest'),
            key: 'v',
            run: () => void navigate({ to: `/releases/${compared}/diff/${newest.digest}` }),
          },
        ]),
  ])
  const Content = tabs[tab]
  return (
    <Screen
      title={name}
      heading={<Untrusted text={name} />}
      answer={<Answer system={system} />}
      actions={
        <>
          <Button
            kind={system.releases.length === 0 ? 'primary' : 'plain'}
            onClick={() => setOpen('release')}
            whyNot={isRetired}
          >
            {t('release.record')}
          </Button>
          <Menu
            label={t('system.more')}
            entries={[{ label: t('system.retire'), onSelect: () => setOpen('retire'), whyNot: isRetired }]}
          />
          <StopButton target={{ scope: 'system', targetId: id, name }} whyNot={isRetired} />
        </>
      }
    >
      <Header system={system} />
      <Tabs
        label={t('system.tabs')}
        tabs={tabNames.map((one) => ({ id: one, label: tCode('system.tab', one) }))}
        current={tab}
        hrefOf={(one) => `/systems/${id}/${one}`}
      />
      <Boundary key={tab}>
        <Content system={system} />
      </Boundary>
      {open === 'release' && <NewReleaseDialog system={system} onClose={() => setOpen(null)} />}
      {open === 'retire' && <RetireSystemDialog system={system} onClose={() => setOpen(null)} />}
    </Screen>
  )
}

function SystemComments({ system }: { readonly system: SystemView }) {
  return <Comments subject={{ k: 'system', id: system.id }} />
}

/** The sentence of the page. Unknown is neither yes nor no. */
function Answer({ system: { places, state } }: { readonly system: SystemView }) {
  if (state === 'retired') return t('system.answerRetired')
  if (places.length === 0) return t('system.answerNowhere')
  const permitted = places.filter(permits)
  const unknown = places.filter((place) => place.state === 'unknown')
  const running = places.filter(({ desired }) => desired !== null)
  return t('system.answer', {
    places: places.length,
    permitted: permitted.length,
    unknown: unknown.length,
    running: running.length,
  })
}

/** What stands above every tab: tier and why, authorization until when, environments, and what can be asked for next. */
function Header({ system }: { readonly system: SystemView }) {
  const { useCaseId, places, tier, legalClass, owner, approved, releases, changes } = system
  const [worst] = places
  const [newest] = releases.toSorted((a, b) => b.createdAt.localeCompare(a.createdAt))
  const isUndecided =
    newest !== undefined &&
    newest.digest !== approved &&
    changes.some(({ to, class: change }) => to === newest.digest && change === 'material')
  const explained = useRead(explainTier, { params: { id: useCaseId } }, { enabled: tier !== null })
  const rule = explained.data?.computed.fired.find((one) => one.tier === explained.data.computed.tier)
  const isMoved = explained.data !== undefined && explained.data.effective !== explained.data.computed.tier
  return (
    <Facts
      rows={[
        [
          t('registry.tier'),
          <>
            <Tier tier={tier} />
            {rule !== undefined && (
              <span>
                {' · '}
                <Untrusted text={rule.why} />
              </span>
            )}
            {rule === undefined && explained.data !== undefined && (
              <span> · {t('system.tierByPoints', { points: explained.data.computed.points })}</span>
            )}
            {isMoved && <span> · {t('system.tierMoved', { tier: explained.data.computed.tier })}</span>}
            {legalClass !== null && <span> · {tCode('legal', legalClass)}</span>}
          </>,
        ],
        [
          t('registry.authorization'),
          worst === undefined ? (
            <span className="muted">{t('registry.noPlace')}</span>
          ) : (
            <div className="row">
              <Status state={worst.state} />
              {worst.until !== null && (
                <span>
                  {t('registry.untilWord')} <Time at={worst.until} both />
                </span>
              )}
              {worst.asOf !== null && (
                <span className="muted">
                  {t('registry.asOfNow')} <Time at={worst.asOf} />
                </span>
              )}
              {places.length > 1 && (
                <span className="muted">{t('system.worstOf', { count: places.length })}</span>
              )}
            </div>
          ),
        ],
        [
          t('registry.environments'),
          places.length === 0 ? (
            <span className="muted">{t('common.none')}</span>
          ) : (
            <div className="row">
              {places.map((place) => (
                <Link key={place.id} to={`/deployments/${place.id}`}>
                  {tCode('environment', place.environment)} ({tCode('state', place.op)})
                </Link>
              ))}
            </div>
          ),
        ],
        [
          t('system.next'),
          system.state === 'retired'
            ? t('system.nextRetired')
            : releases.length === 0
              ? t('system.nextRelease')
              : approved === null
                ? t('system.nextCase')
                : places.length === 0
                  ? t('system.nextPlace')
                  : isUndecided
                    ? t('system.nextDecision')
                    : t('system.nextNothing'),
        ],
        [t('registry.owner'), owner === null ? t('common.none') : <Person key="owner" id={owner} />],
        [t('registry.id'), <Id key="id" id={system.id} whole />],
      ]}
    />
  )
}
