import { useState } from 'react'
import { t } from '../messages/text.ts'

const hidden =
  // oxlint-disable-next-line no-control-regex -- these characters are what it looks for
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]|[\u{fe00}-\u{fe0f}]/gu

/** Parts of a text: what can be read, and each invisible or control character by its code point. */
export function visibleParts(text: string): readonly { readonly text: string; readonly isHidden: boolean }[] {
  const parts: { text: string; isHidden: boolean }[] = []
  let from = 0
  for (const match of text.matchAll(hidden)) {
    if (match.index > from) parts.push({ text: text.slice(from, match.index), isHidden: false })
    const code = match[0].codePointAt(0) ?? 0
    parts.push({ text: `U+${code.toString(16).toUpperCase().padStart(4, '0')}`, isHidden: true })
    from = match.index + match[0].length
  }
  if (from < text.length) parts.push({ text: text.slice(from), isHidden: false })
  return parts
}

const shownAtFirst = 600

/**
 * Text of a person, model, vendor or log. It is text in every case: no markup, no links, its direction isolated, its
 * invisible characters in boxes.
 */
export function Untrusted({ text, block = false }: { readonly text: string; readonly block?: boolean }) {
  const [isWhole, setWhole] = useState(false)
  const shown = isWhole || text.length <= shownAtFirst ? text : text.slice(0, shownAtFirst)
  const Tag = block ? 'p' : 'span'
  return (
    <Tag className="untrusted" dir="auto">
      {visibleParts(shown).map((part, i) =>
        part.isHidden ? (
          // oxlint-disable-next-line react/no-array-index-key -- parts of one text have no identity but their place
          <span key={i} className="boxed">
            {part.text}
          </span>
        ) : (
          part.text
        ),
      )}
      {shown.length < text.length && (
        <>
          {'… '}
          <button type="button" className="button quiet" onClick={() => setWhole(true)}>
            {t('common.showAll', { count: text.length })}
          </button>
        </>
      )}
    </Tag>
  )
}
