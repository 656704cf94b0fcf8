import { Link, useNavigate } from '@tanstack/react-router'
import { diffReleases, readRelease } from '../../../../src/contracts/routes/registry.ts'
import type { ReplyOf } from '../../../../src/contracts/route.ts'
import { useRead } from '../../api/reading.ts'
import { useAddress } from '../../frame/location.ts'
import { usePageCommands } from '../../frame/page-commands.ts'
import { t, tCode } from '../../messages/registry.ts'
import { Button } from '../../ui/button.tsx'
import { shortened } from '../../ui/copy.tsx'
import { Grid } from '../../ui/grid.tsx'
import { Empty } from '../../ui/loaded.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Actor } from '../../ui/person.tsx'
import { PendingScreen } from '../../ui/pending-screen.tsx'
import { Screen } from '../../ui/screen.tsx'
import { Time } from '../../ui/time.tsx'
import { Untrusted } from '../../ui/untrusted.tsx'
import { ChangeClass } from './change-class.tsx'
import { ruleOf } from './change-rule.ts'
import { ManifestView } from './manifest-view.tsx'
import { ReleaseLink } from './release-link.tsx'

type Line = {
  readonly field: string
  readonly class: 'minor' | 'material'
  readonly from: string | null
  readonly to: string | null
}
type ReleaseView = ReplyOf<typeof readRelease>

/** What differs between two releases, field by field, with its class and the rule behind it. */
export function ReleaseDiff() {
  const { a = '', b = '' } = useAddress()
  const navigate = useNavigate()
  const change = useRead(diffReleases, { params: { a, b } })
  const from = useRead(readRelease, { params: { digest: a } })
  const to = useRead(readRelease, { params: { digest: b } })
  const swap = () => void navigate({ to: `/releases/${b}/diff/${a}` })
  usePageCommands([{ label: t('release.swap'), key: 'v', run: swap }])
  const error = change.error ?? from.error ?? to.error
  if (change.data === undefined || from.data === undefined || to.data === undefined)
    return (
      <PendingScreen title={t('release.differences')} error={error} onRetry={() => void change.refetch()} />
    )

  const lines = change.data.lines as unknown as readonly Line[] // the members that the route documents as loose
  return (
    <Screen
      title={t('release.diffTitle', { from: shortened(a), to: shortened(b) })}
      answer={
        <>
          <Link to={`/systems/${to.data.systemId}/releases`}>
            <Untrusted text={to.data.title} />
          </Link>
          : {tCode('release.verdict', change.data.class)}
        </>
      }
      actions={<Button onClick={swap}>{t('release.swap')}</Button>}
    >
      <div className="columns">
        <Side title={t('release.from')} release={from.data} />
        <Side title={t('release.to')} release={to.data} />
      </div>
      <Panel title={t('release.differences')} flush>
        {lines.length === 0 ? (
          <Empty>{t('release.noDifference')}</Empty>
        ) : (
          <Grid
            label={t('release.differences')}
            rows={lines}
            keyOf={({ field }) => field}
            columns={[
              {
                id: 'field',
                header: t('release.field'),
                cell: ({ field }) => <Field path={field} />,
              },
              { id: 'class', header: t('release.change'), cell: (line) => <ChangeClass name={line.class} /> },
              {
                id: 'from',
                header: t('release.from'),
                cell: (line) => <Value text={bare(line.field, line.from)} mark="removed" />,
              },
              {
                id: 'to',
                header: t('release.to'),
                cell: (line) => <Value text={bare(line.field, line.to)} mark="added" />,
              },
              { id: 'rule', header: t('release.rule'), cell: (line) => tCode('rule', ruleOf(line)) },
            ]}
          />
        )}
      </Panel>
      <Panel title={t('release.unchanged')}>
        <ManifestView manifest={unchangedOf(from.data.manifest, to.data.manifest)} />
      </Panel>
    </Screen>
  )
}

/** The field of the manifest in words, then where in it. */
function Field({ path }: { readonly path: string }) {
  const [name = '', ...within] = path.split('/')
  return (
    <>
      {tCode('manifest', name)}
      {within.length > 0 && (
        <>
          {' '}
          <code>
            <Untrusted text={within.join('/')} />
          </code>
        </>
      )}
    </>
  )
}

/** A parameter is compared with its name, which the field says already. */
function bare(field: string, text: string | null): string | null {
  if (text === null || !field.startsWith('params/')) return text
  const pair: unknown = JSON.parse(text)
  return Array.isArray(pair) && pair.length === 2 ? JSON.stringify(pair[1]) : text
}

function Side({ title, release }: { readonly title: string; readonly release: ReleaseView }) {
  return (
    <Panel title={title}>
      <ReleaseLink digest={release.digest} whole />
      <p className="muted">
        <Actor id={release.author} />, <Time at={release.createdAt} both />
      </p>
    </Panel>
  )
}

function Value({ text, mark }: { readonly text: string | null; readonly mark: 'added' | 'removed' }) {
  if (text === null) return <span className="muted">{t('common.none')}</span>
  return (
    <code className={`diff-${mark}`}>
      <Untrusted text={text} />
    </code>
  )
}

/** The fields of a manifest that are the same in both. */
function unchangedOf(
  from: ReleaseView['manifest'],
  to: ReleaseView['manifest'],
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(to).filter(([name, value]) => JSON.stringify(from[name]) === JSON.stringify(value)),
  )
}
