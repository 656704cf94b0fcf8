import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import {
  draftGuardPolicy,
  guardStages,
  listGuardPolicies,
  readGuardPolicy,
  shippedBudgets,
} from '../../../../src/contracts/routes/guard-policies.ts'
import type { ReplyOf } from '../../../../src/contracts/route.ts'
import { useNavigate } from '@tanstack/react-router'
import { useRead } from '../../api/reading.ts'
import { useMe } from '../../api/session.ts'
import { readGuardCapabilities } from '../../../../src/contracts/routes/guard-feedback.ts'
import { t, tCode } from '../../messages/guard.ts'
import { Button } from '../../ui/button.tsx'
import { CommandDialog } from '../../ui/command-dialog.tsx'
import { Grid } from '../../ui/grid.tsx'
import { Empty, Loaded } from '../../ui/loaded.tsx'
import { Actor } from '../../ui/person.tsx'
import { Status } from '../../ui/status.tsx'
import { Time } from '../../ui/time.tsx'
import { GuardScreen } from './guard-screen.tsx'

type Versions = ReplyOf<typeof listGuardPolicies>
type Version = Versions['items'][number]

/** Versions of the guard policy: which is in force, and what stands beside it. */
export function GuardPolicies() {
  const read = useRead(listGuardPolicies, { query: { limit: 200 } })
  const mayWrite = useMe().data?.permissions.includes('guardPolicy.write') === true
  const [isOpen, setOpen] = useState(false)
  const active = read.data?.items.find(({ stage }) => stage === 'active')
  const hasDraft = read.data?.items.some(({ stage }) => stage === 'draft') === true
  return (
    <GuardScreen
      tab="policies"
      answer={
        read.data === undefined
          ? t('version.answer')
          : active === undefined
            ? t('version.shipped')
            : t('version.inForce', { version: active.version })
      }
      actions={
        mayWrite &&
        read.data !== undefined &&
        !hasDraft && <Button onClick={() => setOpen(true)}>{t('version.begin')}</Button>
      }
    >
      <Loaded read={read}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty>{t('version.none')}</Empty>
          ) : (
            <Grid
              label={t('guard.tab.policies')}
              rows={items}
              keyOf={({ version }) => String(version)}
              columns={columns}
            />
          )
        }
      </Loaded>
      {isOpen && read.data !== undefined && (
        <BeginDialog
          revision={read.data.revision}
          from={active?.version ?? null}
          onClose={() => setOpen(false)}
        />
      )}
    </GuardScreen>
  )
}

/** Begins a draft from what is in force, or from what ships. */
function BeginDialog({
  revision,
  from,
  onClose,
}: {
  readonly revision: number
  readonly from: number | null
  readonly onClose: () => void
}) {
  const navigate = useNavigate()
  const capabilities = useRead(readGuardCapabilities, {})
  const base = useRead(
    readGuardPolicy,
    { params: { version: String(from ?? 0) } },
    { enabled: from !== null },
  )
  const versions = useRead(listGuardPolicies, { query: { limit: 200 } })
  const none = { flagCenti: 0, highCenti: 0 }
  const terms =
    from !== null
      ? base.data?.terms
      : capabilities.data && {
          languages: capabilities.data.languages,
          offsets: { user: none, untrusted: none },
          off: [],
          allow: [],
          sources: [],
          redaction: {},
          budgets: shippedBudgets,
        }
  const next = (versions.data?.items[0]?.version ?? 0) + 1
  return (
    <CommandDialog
      route={draftGuardPolicy}
      input={() => (terms === undefined ? null : { body: terms, ifMatch: revision })}
      title={t('version.begin')}
      says={t('version.beginText')}
      verb={t('version.begin')}
      isReady
      whyNot={terms === undefined ? t('common.loading') : null}
      onClose={onClose}
      onDone={() => void navigate({ to: `/guard/policies/${next}` })}
    />
  )
}

const columns = [
  {
    id: 'version',
    header: t('version.version'),
    cell: ({ version }: Version) => (
      <Link to={`/guard/policies/${version}`}>{t('version.name', { version })}</Link>
    ),
  },
  {
    id: 'stage',
    header: t('version.stage'),
    cell: ({ stage }: Version) => <Status state={stage} word={stageWord(stage)} />,
  },
  {
    id: 'allowed',
    header: t('version.allowed'),
    align: 'end' as const,
    cell: ({ allowed }: Version) => allowed,
  },
  { id: 'off', header: t('version.off'), align: 'end' as const, cell: ({ rulesOff }: Version) => rulesOff },
  {
    id: 'shadow',
    header: t('version.beside'),
    cell: ({ stage, shadowCalls, differences }: Version) =>
      stage === 'draft' ? t('common.none') : t('version.differencesOf', { differences, calls: shadowCalls }),
  },
  {
    id: 'deployments',
    header: t('version.deployments'),
    align: 'end' as const,
    cell: ({ deployments }: Version) => deployments,
  },
  { id: 'by', header: t('version.by'), cell: ({ draftedBy }: Version) => <Actor id={draftedBy} /> },
  { id: 'at', header: t('version.at'), cell: ({ draftedAt }: Version) => <Time at={draftedAt} /> },
]

function stageWord(stage: (typeof guardStages)[number]): string {
  return tCode('version.stageOf', stage)
}
