import { useNavigate } from '@tanstack/react-router'
import { lazy, Suspense, useState } from 'react'
import { readSystem } from '../../../../src/contracts/routes/registry.ts'
import type { ReplyOf } from '../../../../src/contracts/route.ts'
import { useRead } from '../../api/reading.ts'
import { useAddress } from '../../frame/location.ts'
import { usePageCommands } from '../../frame/page-commands.ts'
import { t, tCode } from '../../messages/registry.ts'
import { Button } from '../../ui/button.tsx'
import { Boundary } from '../../ui/loaded.tsx'
import { Menu } from '../../ui/menu.tsx'
import { PendingScreen } from '../../ui/pending-screen.tsx'
import { Screen } from '../../ui/screen.tsx'
import { Tabs } from '../../ui/tabs.tsx'
import { Untrusted } from '../../ui/untrusted.tsx'
import { writeHash } from '../collaboration/comments.tsx'
import { StopButton } from '../safety/stop-dialog.tsx'
import { permits } from './authorization.tsx'
import { RetireSystemDialog } from './retire-system-dialog.tsx'
import { SystemHeader } from './system-header.tsx'
import { systemTabNames, systemTabs } from './system-tabs.ts'

const NewReleaseDialog = lazy(async () => ({
  default: (await import('./new-release-dialog.tsx')).NewReleaseDialog,
}))

export type SystemView = ReplyOf<typeof readSystem>

/** May this system run, what exactly runs, how do we know? */
export function System() {
  const { id = '', tab = 'overview' } = useAddress()
  const { data, error, refetch } = useRead(readSystem, { params: { id } }, { everyMs: 15_000 })
  if (data === undefined)
    return <PendingScreen title={t('registry.name')} error={error} onRetry={() => void refetch()} />
  return <Page system={data} tab={systemTabNames.find((name) => name === tab) ?? 'overview'} />
}

function Page({ system, tab }: { readonly system: SystemView; readonly tab: keyof typeof systemTabs }) {
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
    ...systemTabNames.map((one, i) => ({
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
  const Content = systemTabs[tab]
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
            entries={[
              { label: t('system.dossier'), onSelect: () => void navigate({ to: `/systems/${id}/dossier` }) },
              { label: t('system.retire'), onSelect: () => setOpen('retire'), whyNot: isRetired },
            ]}
          />
          <StopButton target={{ scope: 'system', targetId: id, name }} whyNot={isRetired} />
        </>
      }
    >
      <SystemHeader system={system} />
      <Tabs
        label={t('system.tabs')}
        tabs={systemTabNames.map((one) => ({ id: one, label: tCode('system.tab', one) }))}
        current={tab}
        hrefOf={(one) => `/systems/${id}/${one}`}
      />
      <Boundary key={tab}>
        <Content system={system} />
      </Boundary>
      <Suspense>
        {open === 'release' && <NewReleaseDialog system={system} onClose={() => setOpen(null)} />}
      </Suspense>
      {open === 'retire' && <RetireSystemDialog system={system} onClose={() => setOpen(null)} />}
    </Screen>
  )
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
