import { useState } from 'react'
import type { CallInput } from '../../../../src/contracts/client.ts'
import type { Route } from '../../../../src/contracts/route.ts'
import { t } from '../../messages/collaboration.ts'
import { CommandForm } from '../../ui/command-form.tsx'
import { TextField } from '../../ui/field.tsx'
import { PersonPicker } from '../../ui/person-picker.tsx'

/** Writes a comment; whoever is picked is named at the end of what is written. The text stays until it is recorded. */
export function WriteForm<R extends Route>({
  route,
  input,
  label,
  verb,
  first = '',
  onClose,
  onDone,
}: {
  readonly route: R
  readonly input: (text: string) => CallInput<R>
  readonly label: string
  readonly verb: string
  readonly first?: string
  readonly onClose?: () => void
  readonly onDone?: () => void
}) {
  const [text, setText] = useState(first)
  return (
    <CommandForm
      route={route}
      input={() => (text.trim() === '' ? null : input(text))}
      verb={verb}
      whyNot={text.trim() === '' ? t('talk.empty') : null}
      {...(onClose === undefined ? {} : { onClose })}
      onDone={() => {
        setText('')
        onDone?.()
      }}
    >
      <TextField label={label} help={t('talk.newHelp')} rows={3} value={text} onChange={setText} />
      <PersonPicker
        label={t('talk.mention')}
        isOptional
        value={null}
        onChange={(person) => person !== null && setText(`${text}${text === '' ? '' : ' '}@[${person}] `)}
      />
    </CommandForm>
  )
}
