import { Link, useNavigate } from '@tanstack/react-router'
import { readRelease } from '../../../../src/contracts/routes/registry.ts'
import { environments } from '../../../../src/kernel/vocabulary.ts'
import { useRead } from '../../api/reading.ts'
import { useMe } from '../../api/session.ts'
import { useAddress } from '../../frame/location.ts'
import { usePageCommands } from '../../frame/page-commands.ts'
import { t, tCode } from '../../messages/registry.ts'
import { Button } from '../../ui/button.tsx'
import { Id, shortened } from '../../ui/copy.tsx'
import { Facts } from '../../ui/facts.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Actor } from '../../ui/person.tsx'
import { PendingScreen } from '../../ui/pending-screen.tsx'
import { Screen } from '../../ui/screen.tsx'
import { Status } from '../../ui/status.tsx'
import { Time } from '../../ui/time.tsx'
import { Untrusted } from '../../ui/untrusted.tsx'
import { ManifestView } from './manifest-view.tsx'
import { ReleaseChecks } from './release-checks.tsx'
import { ReleaseLink } from './release-link.tsx'

/** What exactly a release is, who made it, where it is approved and where it runs. */
export function Release() {
  const { digest = '' } = useAddress()
  const navigate = useNavigate()
  const { data, error, refetch } = useRead(readRelease, { params: { digest } }, { everyMs: 30_000 })
  const mayOpen = useMe().data?.permissions.includes('case.open') === true
  const parent = data?.parent ?? null
  usePageCommands(
    parent === null
      ? []
      : [
          {
            label: t('release.compareParent'),
            key: 'v',
            run: () => void navigate({ to: `/releases/${parent}/diff/${digest}` }),
          },
        ],
  )
  if (data === undefined)
    return <PendingScreen title={t('place.release')} error={error} onRetry={() => void refetch()} />
  const { title, systemId, author, createdAt, decisions, places, manifest } = data
  return (
    <Screen
      title={t('release.title', { digest: shortened(digest) })}
      actions={
        mayOpen && (
          <Button
            kind={decisions.some(holds) ? 'plain' : 'primary'}
            onClick={() => void navigate({ to: `/cases/new?release=${digest}` })}
          >
            {t('release.openCase')}
          </Button>
        )
      }
      answer={
        <>
          {t('release.of')}{' '}
          <Link to={`/systems/${systemId}/releases`}>
            <Untrusted text={title} />
          </Link>
          . {t('release.answer', { approvals: decisions.filter(holds).length, places: places.length })}
        </>
      }
    >
      <div className="columns">
        <Panel title={t('release.origin')}>
          <Facts
            rows={[
              [t('release.digest'), <Id key="digest" id={digest} whole />],
              [t('release.author'), <Actor key="author" id={author} />],
              [t('release.made'), <Time key="made" at={createdAt} both />],
              [
                t('release.parent'),
                parent === null ? (
                  t('release.first')
                ) : (
                  <>
                    <ReleaseLink digest={parent} />{' '}
                    <Link to={`/releases/${parent}/diff/${digest}`}>{t('release.compareParent')}</Link>
                  </>
                ),
              ],
            ]}
          />
        </Panel>
        <Panel title={t('release.approvedWhere')}>
          {decisions.length === 0 ? (
            <p className="muted">{t('release.neverDecided')}</p>
          ) : (
            <ul className="reasons">
              {decisions.map((decision) => (
                <li key={decision.caseId}>
                  <Status state={standingOf(decision)} /> {tCode('environment', decision.environment)}{' '}
                  {t('registry.untilWord')} <Time at={decision.expiresAt} both />{' '}
                  <Link to={`/cases/${decision.caseId}`}>{t('release.case')}</Link>
                </li>
              ))}
            </ul>
          )}
        </Panel>
        <Panel title={t('release.runs')}>
          {places.length === 0 ? (
            <p className="muted">{t('release.runsNowhere')}</p>
          ) : (
            <ul className="reasons">
              {places.map(({ id, environment, op, isDesired, isObserved }) => (
                <li key={id}>
                  <Link to={`/deployments/${id}`}>{tCode('environment', environment)}</Link>{' '}
                  <Status state={op} />{' '}
                  <span className="muted">
                    {isDesired && isObserved
                      ? t('release.desiredObserved')
                      : isDesired
                        ? t('release.desiredOnly')
                        : t('release.observedOnly')}
                  </span>
                </li>
              ))}
            </ul>
          )}
        </Panel>
      </div>
      <ReleaseChecks
        release={digest}
        first={environments.find((one) => one === places[0]?.environment) ?? 'prod'}
      />
      <Panel title={t('release.manifest')}>
        <ManifestView manifest={manifest} />
      </Panel>
    </Screen>
  )
}

type Decision = {
  readonly outcome: string
  readonly expiresAt: string
  readonly revokedAt: string | null
}

function standingOf({ outcome, expiresAt, revokedAt }: Decision): string {
  if (revokedAt !== null) return 'revoked'
  return outcome !== 'rejected' && Date.parse(expiresAt) <= Date.now() ? 'expired' : outcome
}

function holds(decision: Decision): boolean {
  return standingOf(decision).startsWith('approved')
}
