import { useState } from 'react'
import { t } from '../../messages/gateway.ts'
import { Button } from '../../ui/button.tsx'

/** Text for a terminal or a file, whole, with copy. */
export function CommandLine({ text, label }: { readonly text: string; readonly label: string }) {
  const [isCopied, setCopied] = useState(false)
  return (
    <span className="command-line">
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a region that scrolls must be reachable by key */}
      <code tabIndex={0} role="region" aria-label={label}>
        {text}
      </code>
      <Button
        label={`${t('common.copy')}: ${label}`}
        onClick={() => void navigator.clipboard.writeText(text).then(() => setCopied(true))}
      >
        {isCopied ? t('common.copied') : t('common.copy')}
      </Button>
    </span>
  )
}
