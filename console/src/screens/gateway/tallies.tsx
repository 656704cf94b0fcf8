import { callActions, tallyGatewayRecords } from '../../../../src/contracts/routes/gateway.ts'
import type { ReplyOf } from '../../../../src/contracts/route.ts'
import { useRead } from '../../api/reading.ts'
import { t, tCode } from '../../messages/gateway.ts'
import { Loaded } from '../../ui/loaded.tsx'
import { Go } from '../../ui/go.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Status } from '../../ui/status.tsx'
import { toneOf } from './call-tone.ts'

type Tally = ReplyOf<typeof tallyGatewayRecords>
const spans = { hour: 3_600_000, day: 86_400_000 } as const
type Span = keyof typeof spans
const spanNames: readonly Span[] = ['hour', 'day']

/** All traffic of the last hour and day in numbers, each of which opens its calls. Without any there is nothing to count. */
export function Tallies() {
  const read = useRead(tallyGatewayRecords, { query: {} }, { everyMs: 10_000 })
  return (
    <Loaded read={read} rows={3}>
      {(tally) =>
        callActions.every((action) => tally.day.calls[action] === 0) ? null : (
          <div className="tallies">
            <Outcomes tally={tally} />
            <Kinds tally={tally} />
          </div>
        )
      }
    </Loaded>
  )
}

function Outcomes({ tally }: { readonly tally: Tally }) {
  return (
    <Panel title={t('tally.outcomes')} flush>
      <div className="table-scroll bare">
        <table className="grid matrix">
          <thead>
            <tr>
              <th scope="col">{t('tally.span')}</th>
              {callActions.map((action) => (
                <th key={action} scope="col" className="end">
                  <Status state={action} tone={toneOf[action]} />
                </th>
              ))}
              <th scope="col" className="end">
                {t('tally.withFindings')}
              </th>
            </tr>
          </thead>
          <tbody>
            {spanNames.map((span) => (
              <tr key={span}>
                <th scope="row">{tCode('tally.span', span)}</th>
                {callActions.map((action) => (
                  <td key={action} className="end">
                    <Count
                      at={tally.at}
                      span={span}
                      count={tally[span].calls[action]}
                      what={tCode('state', action)}
                      where={{ action }}
                    />
                  </td>
                ))}
                <td className="end">
                  <Count
                    at={tally.at}
                    span={span}
                    count={tally[span].withFindings}
                    what={t('tally.withFindings')}
                    where={{ findings: 'some' }}
                  />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Panel>
  )
}

function Kinds({ tally }: { readonly tally: Tally }) {
  const kinds = tally.day.kinds.map(({ kind }) => kind)
  const countOf = (span: Span, kind: string) => tally[span].kinds.find((one) => one.kind === kind)?.calls ?? 0
  if (kinds.length === 0)
    return (
      <Panel title={t('tally.found')}>
        <p className="muted">{t('tally.nothing')}</p>
      </Panel>
    )
  return (
    <Panel title={t('tally.found')} flush>
      <div className="table-scroll bare">
        <table className="grid matrix">
          <thead>
            <tr>
              <th scope="col">{t('tally.callsWith')}</th>
              {kinds.map((kind) => (
                <th key={kind} scope="col" className="end">
                  {tCode('findingKind', kind)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {spanNames.map((span) => (
              <tr key={span}>
                <th scope="row">{tCode('tally.span', span)}</th>
                {kinds.map((kind) => (
                  <td key={kind} className="end">
                    <Count
                      at={tally.at}
                      span={span}
                      count={countOf(span, kind)}
                      what={tCode('findingKind', kind)}
                      where={{ kind }}
                    />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {kinds.length > 1 && <p className="muted tally-note">{t('tally.several')}</p>}
    </Panel>
  )
}

/** A number that opens the calls behind it. */
function Count({
  at,
  span,
  count,
  what,
  where,
}: {
  readonly at: string
  readonly span: Span
  readonly count: number
  readonly what: string
  readonly where: Readonly<Record<string, string>>
}) {
  if (count === 0) return <span className="muted num">0</span>
  const from = new Date(Date.parse(at) - spans[span]).toISOString()
  return (
    <Go
      to={`/gateway/records?${new URLSearchParams({ ...where, from })}`}
      label={t('tally.rows', { count, what, span: tCode('tally.span', span) })}
    >
      {t('tally.count', { count })}
    </Go>
  )
}
