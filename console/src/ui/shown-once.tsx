import { useState } from 'react'
import { t } from '../messages/text.ts'
import { Button } from './button.tsx'

/** A secret that is shown this one time: whole, and with a button that copies it. */
export function ShownOnce({ text, label }: { readonly text: string; readonly label: string }) {
  return (
    <div className="stack">
      <code className="secret" aria-label={label}>
        {text}
      </code>
      <div>
        <CopyText text={text} label={t('secret.copy', { name: label })} />
      </div>
    </div>
  )
}

/** Copies a text, and says so on the button. */
export function CopyText({ text, label }: { readonly text: string; readonly label: string }) {
  const [isCopied, setCopied] = useState(false)
  const copy = () => void navigator.clipboard.writeText(text).then(() => setCopied(true))
  return <Button onClick={copy}>{isCopied ? t('common.copied') : label}</Button>
}
