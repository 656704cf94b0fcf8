import { Link, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import {
  activateGuardPolicy,
  discardGuardPolicyDraft,
  readGuardPolicy,
  retireGuardPolicy,
  shadowGuardPolicy,
  tightenGuardPolicy,
} from '../../../../src/contracts/routes/guard-policies.ts'
import type { ReplyOf } from '../../../../src/contracts/route.ts'
import { unreachable } from '../../../../src/kernel/brand.ts'
import { useRead } from '../../api/reading.ts'
import { useMe } from '../../api/session.ts'
import { useAddress } from '../../frame/location.ts'
import { t, tCode } from '../../messages/guard.ts'
import { Button } from '../../ui/button.tsx'
import { CommandDialog } from '../../ui/command-dialog.tsx'
import { Id, shortened } from '../../ui/copy.tsx'
import { Facts } from '../../ui/facts.tsx'
import { Grid } from '../../ui/grid.tsx'
import { Note } from '../../ui/note.tsx'
import { Panel } from '../../ui/panel.tsx'
import { PendingScreen } from '../../ui/pending-screen.tsx'
import { Actor } from '../../ui/person.tsx'
import { PlaceName } from '../../ui/place-name.tsx'
import { Screen } from '../../ui/screen.tsx'
import { Status } from '../../ui/status.tsx'
import { Time } from '../../ui/time.tsx'
import { PolicyChanges } from './policy-changes.tsx'
import { PolicyEffect } from './policy-effect.tsx'
import { PolicyTerms } from './policy-terms.tsx'

export type GuardPolicyRecord = ReplyOf<typeof readGuardPolicy>
type Act = 'shadow' | 'tighten' | 'discard' | 'activate' | 'retire'

/** One version of the guard policy: what it says, what it would change, and what can be done with it. */
export function GuardPolicy() {
  const { version = '' } = useAddress()
  const { data, error, refetch } = useRead(readGuardPolicy, { params: { version } })
  if (data === undefined)
    return <PendingScreen title={t('version.version')} error={error} onRetry={() => void refetch()} />
  return <Version key={`${data.version} ${data.stage} ${data.revision}`} policy={data} />
}

function Version({ policy }: { readonly policy: GuardPolicyRecord }) {
  const { version, stage, isForOthers } = policy
  const permissions = useMe().data?.permissions ?? []
  const mayWrite = permissions.includes('guardPolicy.write')
  const mayActivate = permissions.includes('guardPolicy.activate')
  const [act, setAct] = useState<Act | null>(null)
  const button = (which: Act, isPrimary = false) => (
    <Button key={which} kind={isPrimary ? 'primary' : 'plain'} onClick={() => setAct(which)}>
      {t(`version.${which}`)}
    </Button>
  )
  return (
    <Screen
      title={t('version.title', { version })}
      answer={tCode('version.says', stage)}
      actions={
        <>
          {stage === 'draft' && mayWrite && button('shadow', true)}
          {stage === 'draft' && mayActivate && button('tighten')}
          {stage === 'draft' && mayWrite && button('discard')}
          {stage === 'shadow' && mayActivate && button('activate', true)}
          {(stage === 'shadow' || stage === 'active') && mayActivate && button('retire')}
        </>
      }
    >
      {isForOthers && <Note tone="attention">{t('version.forOthers')}</Note>}
      <PolicyChanges version={version} />
      {stage !== 'retired' && <PolicyEffect version={version} />}
      {stage !== 'draft' && <Shadow policy={policy} />}
      <PolicyTerms policy={policy} mayWrite={mayWrite} />
      <Life policy={policy} />
      {act !== null && <ActOn act={act} policy={policy} onClose={() => setAct(null)} />}
    </Screen>
  )
}

function Shadow({ policy: { differing, shadowCalls, differences } }: { readonly policy: GuardPolicyRecord }) {
  return (
    <Panel title={t('version.shadowTitle')}>
      <p>{t('version.differencesOf', { differences, calls: shadowCalls })}</p>
      {differing.length > 0 && (
        <Grid
          label={t('version.shadowTitle')}
          rows={differing}
          keyOf={(row) => [row.deploymentId, row.rule, row.channel, row.outcome, row.shadowOutcome].join(' ')}
          columns={[
            { id: 'rule', header: t('guard.rule'), cell: ({ rule }) => <code>{rule}</code> },
            { id: 'channel', header: t('guard.channel'), cell: ({ channel }) => tCode('channel', channel) },
            {
              id: 'deployment',
              header: t('gateway.deployment'),
              cell: ({ deploymentId }) => <PlaceName id={deploymentId} />,
            },
            { id: 'was', header: t('effect.was'), cell: ({ outcome }) => tCode('guard.outcome', outcome) },
            {
              id: 'would',
              header: t('effect.would'),
              cell: ({ shadowOutcome }) => tCode('guard.outcome', shadowOutcome),
            },
            { id: 'calls', header: t('guard.calls'), align: 'end', cell: ({ calls }) => calls },
            {
              id: 'last',
              header: t('feedback.last'),
              cell: ({ lastRecord }) => (
                <Link to={`/gateway/records/${lastRecord}`}>
                  <code>{shortened(lastRecord)}</code>
                </Link>
              ),
            },
          ]}
        />
      )}
    </Panel>
  )
}

function Life({ policy }: { readonly policy: GuardPolicyRecord }) {
  const { digest, draftedBy, draftedAt, shadowedBy, shadowedAt, activatedBy, activatedAt, retiredAt } = policy
  const step = (by: string | null, at: string | null) => (
    <span>
      <Time at={at} both /> {by !== null && <Actor id={by} />}
    </span>
  )
  return (
    <Panel title={t('version.life')}>
      <Facts
        rows={[
          [t('version.stage'), <Status key="stage" state={policy.stage} />],
          [t('version.digest'), digest === null ? t('common.none') : <Id key="digest" id={digest} whole />],
          [t('version.deployments'), t('version.deploymentsOf', { deployments: policy.deployments })],
          [t('version.drafted'), step(draftedBy, draftedAt)],
          [t('version.shadowed'), step(shadowedBy, shadowedAt)],
          [t('version.activated'), step(activatedBy, activatedAt)],
          [t('version.retired'), step(null, retiredAt)],
        ]}
      />
    </Panel>
  )
}

function ActOn({
  act,
  policy,
  onClose,
}: {
  readonly act: Act
  readonly policy: GuardPolicyRecord
  readonly onClose: () => void
}) {
  const { version, revision, differences, shadowCalls } = policy
  const navigate = useNavigate()
  const shared = {
    title: t(`version.${act}`),
    verb: t(`version.${act}`),
    says: t(`version.${act}Text`),
    onClose,
  }
  const params = { version: String(version) }
  switch (act) {
    case 'shadow':
      return (
        <CommandDialog {...shared} route={shadowGuardPolicy} isReady input={() => ({ ifMatch: revision })} />
      )
    case 'tighten':
      return (
        <CommandDialog {...shared} route={tightenGuardPolicy} isReady input={() => ({ ifMatch: revision })} />
      )
    case 'discard':
      return (
        <CommandDialog
          {...shared}
          isDanger
          isReady
          route={discardGuardPolicyDraft}
          input={() => ({})}
          onDone={() => void navigate({ to: '/guard/policies' })}
        />
      )
    case 'activate':
      return (
        <CommandDialog
          {...shared}
          route={activateGuardPolicy}
          isReady
          input={() => ({ params, body: { differences } })}
        >
          <p>{t('version.seen', { differences, calls: shadowCalls })}</p>
        </CommandDialog>
      )
    case 'retire':
      return (
        <CommandDialog {...shared} isDanger isReady route={retireGuardPolicy} input={() => ({ params })} />
      )
    default:
      return unreachable(act)
  }
}
