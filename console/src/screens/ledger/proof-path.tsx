import { t } from '../../messages/ledger.ts'
import { hex } from './merkle.ts'
import type { Verified } from './verify.ts'

const [row, width, middle, offset] = [38, 480, 240, 110]

/** The way from the leaf up to the root, as a drawing and as a list of hashes. */
export function ProofPath({ verified, index }: { readonly verified: Verified; readonly index: number }) {
  const { steps, leaf, root } = verified
  if (leaf === null || root === null) return null
  const height = row * (steps.length + 1)
  const yOf = (level: number) => height - row * level - row / 2
  return (
    <figure className="stack">
      <svg
        className="proof-path"
        viewBox={`0 0 ${width} ${height}`}
        role="img"
        aria-label={t('ledger.pathTitle', { index, steps: steps.length })}
      >
        {steps.map(({ side, neighbour, node }, i) => {
          const x = side === 'left' ? middle - offset : middle + offset
          return (
            <g key={hex(node)}>
              <line x1={middle} y1={yOf(i)} x2={middle} y2={yOf(i + 1)} className="path-line" />
              <line x1={x} y1={yOf(i)} x2={middle} y2={yOf(i + 1)} className="path-line" />
              <Node x={x} y={yOf(i)} hash={neighbour} kind="neighbour" />
            </g>
          )
        })}
        {[leaf, ...steps.map(({ node }) => node)].map((hash, i) => (
          <Node
            key={hex(hash)}
            x={middle}
            y={yOf(i)}
            hash={hash}
            kind={i === 0 ? 'leaf' : i === steps.length ? 'root' : 'node'}
            isTaken={i === 0 && steps[0]?.side === 'right'}
          />
        ))}
      </svg>
      <details>
        <summary>{t('ledger.pathSteps')}</summary>
        <ol className="stack">
          <li>
            {t('ledger.pathLeaf')}: <code>{hex(leaf)}</code>
          </li>
          {steps.map(({ side, neighbour, node }, i) => (
            <li key={hex(node)}>
              {t('ledger.pathStep', { n: i + 1, side })} <code>{hex(neighbour)}</code>
            </li>
          ))}
          <li>
            {t('ledger.pathRoot')}: <code>{hex(root)}</code>
          </li>
        </ol>
      </details>
    </figure>
  )
}

function Node({
  x,
  y,
  hash,
  kind,
  isTaken = false,
}: {
  readonly x: number
  readonly y: number
  readonly hash: Uint8Array
  readonly kind: 'leaf' | 'node' | 'root' | 'neighbour'
  /** Whether a neighbour stands to the right, so that the word goes to the left. */
  readonly isTaken?: boolean
}) {
  const word = kind === 'leaf' ? t('ledger.pathLeaf') : kind === 'root' ? t('ledger.pathRoot') : ''
  return (
    <g className={`path-${kind}`}>
      <rect x={x - 46} y={y - 11} width="92" height="22" rx="3" />
      <text x={x} y={y + 4} textAnchor="middle">
        {hex(hash).slice(0, 10)}
      </text>
      {word !== '' && (
        <text
          x={isTaken ? x - 54 : x + 54}
          y={y + 4}
          textAnchor={isTaken ? 'end' : 'start'}
          className="path-word"
        >
          {word}
        </text>
      )}
    </g>
  )
}
