import { useNavigate } from '@tanstack/react-router'
import { readGuardHits } from '../../../../src/contracts/routes/guard-feedback.ts'
import type { ReplyOf } from '../../../../src/contracts/route.ts'
import { useRead } from '../../api/reading.ts'
import { useSearchMembers } from '../../frame/location.ts'
import { t, tCode } from '../../messages/guard.ts'
import { SelectField } from '../../ui/field.tsx'
import { Go } from '../../ui/go.tsx'
import { Grid } from '../../ui/grid.tsx'
import { Empty, Loaded } from '../../ui/loaded.tsx'
import { Panel } from '../../ui/panel.tsx'
import { PlaceName } from '../../ui/place-name.tsx'
import { Time, useNow } from '../../ui/time.tsx'
import { DeploymentField } from './deployment-field.tsx'
import { GuardScreen } from './guard-screen.tsx'
import { ModelCard } from './model-card.tsx'
import { shareText } from './share.ts'

type Hits = ReplyOf<typeof readGuardHits>
const spans = { day: 1, week: 7, month: 30 } as const
type Span = keyof typeof spans
const minuteMs = 60_000

/** How often which rule found something, and what the model of the guard can do. */
export function GuardOverview() {
  const members = useSearchMembers()
  const { span = 'day', deployment = '' } = members
  const navigate = useNavigate()
  const chosen: Span = isSpan(span) ? span : 'day'
  // Whole minutes, so that the same is asked while one looks.
  const to = Math.ceil(useNow() / minuteMs) * minuteMs
  const from = to - spans[chosen] * 86_400_000
  const query = {
    from: new Date(from).toISOString(),
    to: new Date(to).toISOString(),
    ...(deployment === '' ? {} : { deployment }),
  }
  const read = useRead(readGuardHits, { query })
  const go = (change: Readonly<Record<string, string>>) => {
    const search = Object.entries({ ...members, span: chosen, deployment, ...change }).filter(
      ([, value]) => value !== '',
    )
    void navigate({ to: `/guard?${new URLSearchParams(Object.fromEntries(search))}` })
  }
  return (
    <GuardScreen
      tab="overview"
      answer={
        read.data === undefined
          ? t('guard.answer')
          : t('guard.hitsAnswer', {
              calls: read.data.calls,
              findings: read.data.rules.reduce((sum, row) => sum + totalOf(row), 0),
              span: tCode('guard.span', chosen),
            })
      }
    >
      <div className="row">
        <SelectField
          label={t('guard.time')}
          value={chosen}
          onChange={(value) => go({ span: value })}
          options={Object.keys(spans).map((value) => ({ value, label: tCode('guard.span', value) }))}
        />
        <DeploymentField
          value={deployment}
          onChange={(id) => go({ deployment: id })}
          empty={t('guard.everywhere')}
        />
      </div>
      <Loaded read={read}>
        {(hits) =>
          hits.calls === 0 ? (
            <Empty>{t('guard.noCalls')}</Empty>
          ) : (
            <>
              <Rules hits={hits} from={query.from} deployment={deployment} />
              <Languages hits={hits} />
              <Series hits={hits} />
            </>
          )
        }
      </Loaded>
      <ModelCard />
    </GuardScreen>
  )
}

function isSpan(text: string): text is Span {
  return Object.hasOwn(spans, text)
}

function totalOf({ flagged, redacted, blocked }: Hits['rules'][number]): number {
  return flagged + redacted + blocked
}

function Rules({
  hits,
  from,
  deployment,
}: {
  readonly hits: Hits
  readonly from: string
  readonly deployment: string
}) {
  if (hits.rules.length === 0) return <Empty>{t('guard.noHits')}</Empty>
  const where = new URLSearchParams({ findings: 'some', from, ...(deployment === '' ? {} : { deployment }) })
  const markOf = (rule: string) => hits.marks.find((mark) => mark.rule === rule)
  return (
    <Panel
      title={t('guard.rules')}
      actions={<Go to={`/gateway/records?${where}`}>{t('guard.records')}</Go>}
      flush
    >
      <Grid
        label={t('guard.rules')}
        rows={hits.rules}
        keyOf={({ rule, channel }) => `${rule} ${channel}`}
        columns={[
          { id: 'rule', header: t('guard.rule'), cell: ({ rule }) => <code>{rule}</code> },
          { id: 'channel', header: t('guard.channel'), cell: ({ channel }) => tCode('channel', channel) },
          { id: 'flagged', header: t('guard.flagged'), align: 'end', cell: ({ flagged }) => flagged },
          { id: 'redacted', header: t('guard.redacted'), align: 'end', cell: ({ redacted }) => redacted },
          { id: 'blocked', header: t('guard.blocked'), align: 'end', cell: ({ blocked }) => blocked },
          {
            id: 'rate',
            header: t('guard.perThousand'),
            align: 'end',
            cell: (row) => ((totalOf(row) * 1_000) / hits.calls).toFixed(1),
          },
          {
            id: 'false',
            header: t('guard.falseShare'),
            cell: ({ rule }) => {
              const mark = markOf(rule)
              if (mark === undefined) return <span className="muted">{t('guard.unmarked')}</span>
              return shareText(mark.falsePositive, mark.falsePositive + mark.truePositive)
            },
          },
        ]}
      />
    </Panel>
  )
}

/** How much of what is asked is in languages in which the scorer decides nothing. */
function Languages({ hits: { languages } }: { readonly hits: Hits }) {
  const sum = (name: 'supported' | 'advisory') => languages.reduce((total, row) => total + row[name], 0)
  const [advisory, supported] = [sum('advisory'), sum('supported')]
  return (
    <Panel title={t('languages.title')}>
      {languages.length === 0 ? (
        <Empty>{t('languages.none')}</Empty>
      ) : (
        <div className="stack">
          <p>{t('languages.share', { share: shareText(advisory, advisory + supported) })}</p>
          <p className="muted">{t('languages.text')}</p>
          <Grid
            label={t('languages.title')}
            rows={languages}
            keyOf={({ deploymentId }) => deploymentId}
            columns={[
              {
                id: 'deployment',
                header: t('gateway.deployment'),
                cell: ({ deploymentId }) => <PlaceName id={deploymentId} />,
              },
              {
                id: 'texts',
                header: t('languages.texts'),
                align: 'end',
                cell: (row) => row.advisory + row.supported,
              },
              {
                id: 'advisory',
                header: t('languages.advisory'),
                cell: (row) => shareText(row.advisory, row.advisory + row.supported),
              },
            ]}
          />
        </div>
      )}
    </Panel>
  )
}

/** Findings against inspected calls, by the hour or the day. */
function Series({ hits: { series } }: { readonly hits: Hits }) {
  return (
    <details>
      <summary>{t('guard.series')}</summary>
      <Grid
        label={t('guard.series')}
        rows={series}
        keyOf={({ at }) => at}
        columns={[
          { id: 'at', header: t('guard.at'), cell: ({ at }) => <Time at={at} both /> },
          { id: 'calls', header: t('guard.calls'), align: 'end', cell: ({ calls }) => calls },
          { id: 'findings', header: t('guard.findings'), align: 'end', cell: ({ findings }) => findings },
        ]}
      />
    </details>
  )
}
