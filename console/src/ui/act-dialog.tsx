import { ActForm, type ActFormProps } from './act-form.tsx'
import { Dialog } from './dialog.tsx'

/** A dialog for one command: its form, in a layer with a title. */
export function ActDialog({
  title,
  onClose,
  ...form
}: ActFormProps & { readonly title: string; readonly onClose: () => void }) {
  return (
    <Dialog open onClose={onClose} title={title}>
      <ActForm {...form} onClose={onClose} />
    </Dialog>
  )
}
