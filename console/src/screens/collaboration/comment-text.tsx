import { Person } from '../../ui/person.tsx'
import { Untrusted } from '../../ui/untrusted.tsx'
import { blocksOf, type Piece } from './markdown.ts'

/** A comment as its author meant it. Nothing in it is markup of ours, a link or an image. */
export function CommentText({ text }: { readonly text: string }) {
  return (
    <div className="stack tight comment-text">
      {blocksOf(text).map((block, i) => {
        /* oxlint-disable react/no-array-index-key -- parts of one text have no identity but their place */
        if (block.k === 'code')
          return (
            <pre key={i}>
              <Untrusted text={block.text} />
            </pre>
          )
        if (block.k === 'list')
          return (
            <ul key={i}>
              {block.items.map((pieces, at) => (
                <li key={at}>
                  <Line pieces={pieces} />
                </li>
              ))}
            </ul>
          )
        return (
          <p key={i}>
            {block.lines.map((pieces, at) => (
              <span key={at}>
                {at > 0 && <br />}
                <Line pieces={pieces} />
              </span>
            ))}
          </p>
        )
        /* oxlint-enable react/no-array-index-key */
      })}
    </div>
  )
}

function Line({ pieces }: { readonly pieces: readonly Piece[] }) {
  return pieces.map((piece, i) => {
    // oxlint-disable-next-line react/no-array-index-key -- as above
    if (piece.k === 'person') return <Person key={i} id={piece.id} />
    const Tag = ({ text: 'span', strong: 'strong', emphasis: 'em', code: 'code' } as const)[piece.k]
    return (
      // oxlint-disable-next-line react/no-array-index-key -- as above
      <Tag key={i}>
        <Untrusted text={piece.text} />
      </Tag>
    )
  })
}
