import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import {
  activateToolPolicy,
  discardToolPolicyDraft,
  draftToolPolicy,
  publishToolPolicy,
  readToolPolicy,
  retireToolPolicy,
} from '../../../../src/contracts/routes/tool-policies.ts'
import { unreachable } from '../../../../src/kernel/brand.ts'
import { useCommand } from '../../api/command.ts'
import { useRead } from '../../api/reading.ts'
import { useMe } from '../../api/session.ts'
import { useAddress } from '../../frame/location.ts'
import { t, tCode } from '../../messages/tools.ts'
import { Button } from '../../ui/button.tsx'
import { CommandDialog } from '../../ui/command-dialog.tsx'
import { Id } from '../../ui/copy.tsx'
import { Facts } from '../../ui/facts.tsx'
import { Outcome } from '../../ui/outcome.tsx'
import { Panel } from '../../ui/panel.tsx'
import { PendingScreen } from '../../ui/pending-screen.tsx'
import { Actor } from '../../ui/person.tsx'
import { Screen } from '../../ui/screen.tsx'
import { Status } from '../../ui/status.tsx'
import { Time } from '../../ui/time.tsx'
import { toast } from '../../ui/toast.tsx'
import { LineDiff } from './line-diff.tsx'
import { PolicyBench } from './policy-bench.tsx'
import { PolicyDiff } from './policy-diff.tsx'
import { PolicyEditor } from './policy-editor.tsx'
import { pathOf } from './policy-version.ts'
import type { PolicyRecord } from './policy-record.ts'
import { ShadowDifferences } from './shadow-differences.tsx'

type Act = 'publish' | 'discard' | 'activate' | 'retire'

/** One version of a policy: its text, what it would do, and what can be done with it. */
export function ToolPolicy() {
  const { key = '', version = '' } = useAddress()
  const { data, error, refetch } = useRead(readToolPolicy, { params: { key, version } })
  if (data === undefined)
    return <PendingScreen title={t('policy.key')} error={error} onRetry={() => void refetch()} />
  return <Version key={`${data.key} ${data.version} ${data.stage}`} policy={data} />
}

function Version({ policy }: { readonly policy: PolicyRecord }) {
  const { key, version, stage, origin, digest } = policy
  const permissions = useMe().data?.permissions ?? []
  const mayWrite = permissions.includes('toolPolicy.write') && origin === 'own'
  const [act, setAct] = useState<Act | null>(null)
  const [draft, setDraft] = useState({ text: policy.text, args: policy.args })
  const [isWriting, setWriting] = useState(false)
  const [read, setRead] = useState(policy)
  const { state, send } = useCommand(draftToolPolicy)
  const navigate = useNavigate()
  const isEditing = mayWrite && (stage === 'draft' || isWriting)
  const isDirty = isEditing && (draft.text !== read.text || draft.args !== read.args)
  const save = async () => {
    if ((await send({ params: { key }, body: draft, ifMatch: policy.revision })) === null) return
    setRead({ ...policy, ...draft })
    toast(t('policy.saved'))
    if (!isWriting) return
    setWriting(false)
    // The guard must have heard that nothing is unsaved before this screen is left.
    setTimeout(() => void navigate({ to: pathOf({ key, version: version + 1 }) }))
  }
  const button = (which: Act, isPrimary = false) => (
    <Button
      key={which}
      kind={isPrimary ? 'primary' : 'plain'}
      whyNot={isDirty ? t('policy.unsaved') : null}
      onClick={() => setAct(which)}
    >
      {t(`policy.${which}`)}
    </Button>
  )
  return (
    <Screen
      title={t('policy.versionOf', { key, version })}
      answer={tCode('policy.says', stage)}
      actions={
        mayWrite && (
          <>
            {stage === 'draft' && [button('publish', true), button('discard')]}
            {stage === 'shadow' && button('activate', true)}
            {(stage === 'shadow' || stage === 'active') && button('retire')}
            {stage !== 'draft' && !isWriting && (
              <Button onClick={() => setWriting(true)}>{t('policy.next')}</Button>
            )}
          </>
        )
      }
    >
      <Panel title={t('policy.text')}>
        {isEditing ? (
          <div className="stack">
            <PolicyEditor draft={draft} isDirty={isDirty} onChange={setDraft}>
              <Button kind="primary" onClick={() => void save()}>
                {t('policy.save')}
              </Button>
            </PolicyEditor>
            <Outcome state={state} />
          </div>
        ) : (
          <div className="stack">
            <LineDiff lines={plain(policy.text)} label={t('policy.text')} />
            <p>
              {t('policy.args')}: <code>{policy.args}</code>
            </p>
          </div>
        )}
      </Panel>
      {stage !== 'draft' && origin === 'own' && <ShadowDifferences policy={policy} />}
      <PolicyBench candidate={isEditing || digest === null ? draft : { digest }} />
      <PolicyDiff policy={policy} />
      {digest !== null && <Life policy={policy} digest={digest} />}
      {act !== null && <ActOn act={act} policy={policy} onClose={() => setAct(null)} />}
    </Screen>
  )
}

function plain(text: string) {
  return text.split('\n').map((line) => ({ k: 'same' as const, text: line }))
}

function Life({ policy, digest }: { readonly policy: PolicyRecord; readonly digest: string }) {
  const { draftedBy, publishedAt, activatedBy, activatedAt, deployments } = policy
  return (
    <Panel title={t('policy.stage')}>
      <Facts
        rows={[
          [t('policy.stage'), <Status key="stage" state={policy.stage} />],
          [t('policy.origin'), tCode('policy.originOf', policy.origin)],
          [t('tool.digest'), <Id key="digest" id={digest} whole />],
          [t('policy.deployments'), String(deployments)],
          ...(draftedBy === null
            ? []
            : [
                [t('policy.by'), <Actor key="by" id={draftedBy} />] as const,
                [t('policy.published'), <Time key="published" at={publishedAt} both />] as const,
                [
                  t('policy.activated'),
                  <span key="activated">
                    <Time at={activatedAt} both /> {activatedBy !== null && <Actor id={activatedBy} />}
                  </span>,
                ] as const,
              ]),
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
  readonly policy: PolicyRecord
  readonly onClose: () => void
}) {
  const { key, version, revision, differences, shadowCalls } = policy
  const navigate = useNavigate()
  const shared = {
    title: t(`policy.${act}`),
    verb: t(`policy.${act}`),
    onClose,
    says: t(`policy.${act}Text`),
  }
  const params = { key, version: String(version) }
  switch (act) {
    case 'publish':
      return (
        <CommandDialog
          {...shared}
          route={publishToolPolicy}
          input={() => ({ params: { key }, ifMatch: revision })}
        />
      )
    case 'discard':
      return (
        <CommandDialog
          {...shared}
          isDanger
          route={discardToolPolicyDraft}
          input={() => ({ params: { key } })}
          onDone={() => void navigate({ to: '/gateway/policies' })}
        />
      )
    case 'activate':
      return (
        <CommandDialog
          {...shared}
          route={activateToolPolicy}
          input={() => ({ params, body: { differences } })}
        >
          <p>{t('policy.activateSeen', { differences, calls: shadowCalls })}</p>
        </CommandDialog>
      )
    case 'retire':
      return <CommandDialog {...shared} isDanger route={retireToolPolicy} input={() => ({ params })} />
    default:
      return unreachable(act)
  }
}
