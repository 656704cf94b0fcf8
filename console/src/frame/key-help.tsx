import { t } from '../messages/text.ts'
import { useMe } from '../api/session.ts'
import { railFor } from '../screens/areas.ts'
import { Dialog } from '../ui/dialog.tsx'
import { Facts } from '../ui/facts.tsx'
import { useCurrentCommands } from './page-commands.ts'

/** The keys that work on this screen. */
export function KeyHelp({ open, onClose }: { readonly open: boolean; readonly onClose: () => void }) {
  const commands = useCurrentCommands()
  const permissions = useMe().data?.permissions ?? []
  const key = (name: string) => <kbd key={name}>{name}</kbd>
  return (
    <Dialog open={open} onClose={onClose} title={t('frame.keys')}>
      <div className="key-help">
        <section className="stack">
          <h3>{t('keys.here')}</h3>
          <Facts
            rows={[
              [t('keys.palette'), key('Ctrl K')],
              [t('keys.filter'), key('/')],
              [t('keys.move'), key('j k')],
              [t('keys.open'), key('Enter')],
              [t('keys.copy'), key('y')],
              [t('keys.help'), key('?')],
              ...commands.flatMap((command) =>
                command.key === undefined ? [] : [[command.label, key(command.key)] as const],
              ),
            ]}
          />
        </section>
        <section className="stack">
          <h3>{t('keys.go')}</h3>
          <Facts rows={railFor(permissions).map((entry) => [entry.label, key(`g ${entry.key}`)] as const)} />
        </section>
      </div>
    </Dialog>
  )
}
