import { Untrusted } from '../../ui/untrusted.tsx'

type Line = { readonly k: 'same' | 'added' | 'removed'; readonly text: string }
const marks = { same: ' ', added: '+', removed: '-' } as const

/** Two texts line by line. Signs say what changed, so that colour is not needed. */
export function LineDiff({ lines, label }: { readonly lines: readonly Line[]; readonly label: string }) {
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a region that scrolls must be reachable by key
    <pre className="code-lines" tabIndex={0} role="group" aria-label={label}>
      {lines.map(({ k, text }, i) => (
        // oxlint-disable-next-line react/no-array-index-key -- lines of one text have no identity but their place
        <span key={i} className={k === 'same' ? '' : `diff-${k}`}>
          {marks[k]} <Untrusted text={text} />
          {'\n'}
        </span>
      ))}
    </pre>
  )
}
