import { t } from '../../messages/gateway.ts'
import { stretchOf, type Numbered } from './finding-places.ts'

const [width, height] = [1_000, 18]

/**
 * A text as a bar, with the findings where they stand in it. It ends open: only how far the last finding reaches is known.
 * What it shows stands in the list below it too, so that pointing is all that it takes.
 */
export function FindingStrip({
  findings,
  chosen,
  onChoose,
}: {
  readonly findings: readonly Numbered[]
  readonly chosen: number
  readonly onChoose: (n: number) => void
}) {
  const last = Math.max(...findings.map(({ end }) => end))
  const first = Math.min(...findings.map(({ start }) => start))
  const end = stretchOf({ start: 0, end: last }, last).length * width
  return (
    <div className="finding-strip">
      <svg
        viewBox={`0 0 ${width} ${height}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={t('record.strip', { count: findings.length, from: first, to: last })}
      >
        <rect className="strip-text" x="0" y="4" width={end} height={height - 8} />
        <line className="strip-on" x1={end} x2={width} y1={height / 2} y2={height / 2} />
        {findings.map(({ n, effect, ...finding }) => {
          const { from, length } = stretchOf(finding, last)
          return (
            <rect
              key={n}
              className={`strip-${effect} ${n === chosen ? 'chosen' : ''}`}
              x={from * width}
              y={n === chosen ? 0 : 2}
              width={length * width}
              height={n === chosen ? height : height - 4}
              onPointerEnter={() => onChoose(n)}
            />
          )
        })}
      </svg>
      <p className="muted num" aria-hidden="true">
        <span>0</span>
        <span className="strip-end">{t('tally.count', { count: last })} …</span>
      </p>
    </div>
  )
}
