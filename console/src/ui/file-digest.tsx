import { useId, useState } from 'react'
import { t } from '../messages/text.ts'
import { TextField } from './field.tsx'

const form = /^sha256:[0-9a-f]{64}$/

/** Whether a text is a whole digest. */
export function isDigestText(text: string): boolean {
  return form.test(text)
}

/** A digest, typed or computed from a file that is dropped or chosen. The file stays in this browser: only its digest is sent. */
export function FileDigestField({
  label,
  value,
  onChange,
}: {
  readonly label: string
  readonly value: string
  readonly onChange: (digest: string) => void
}) {
  const id = useId()
  const [name, setName] = useState<string | null>(null)
  const [isOver, setOver] = useState(false)
  const take = async (file: File | undefined) => {
    if (file === undefined) return
    const digest = await digestOf(file)
    setName(file.name)
    onChange(digest)
  }
  return (
    <div className="stack">
      <TextField
        label={label}
        value={value}
        onChange={(text) => {
          setName(null)
          onChange(text.trim())
        }}
        help={t('digest.help')}
        fault={value === '' || isDigestText(value) ? null : t('digest.fault')}
        placeholder="sha256:"
        isMono
      />
      <div
        className={isOver ? 'drop over' : 'drop'}
        onDragOver={(event) => {
          event.preventDefault()
          setOver(true)
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(event) => {
          event.preventDefault()
          setOver(false)
          void take(event.dataTransfer.files[0])
        }}
      >
        <label htmlFor={id}>{t('digest.drop')}</label>
        <input id={id} type="file" onChange={(event) => void take(event.target.files?.[0])} />
        {name !== null && (
          <p className="muted" role="status">
            {t('digest.of', { name })}
          </p>
        )}
      </div>
    </div>
  )
}

async function digestOf(file: File): Promise<string> {
  const bytes = new Uint8Array(await crypto.subtle.digest('SHA-256', await file.arrayBuffer()))
  return `sha256:${Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')}`
}
