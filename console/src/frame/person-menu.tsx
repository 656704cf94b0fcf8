import { useNavigate } from '@tanstack/react-router'
import { endSession, type readMe } from '../../../src/contracts/routes/identity.ts'
import type { ReplyOf } from '../../../src/contracts/route.ts'
import { api, queries } from '../api/client.ts'
import { t } from '../messages/text.ts'
import { setAppearance, useAppearance, type Appearance } from '../ui/clock.ts'
import { Menu } from '../ui/menu.tsx'

/** Who is here, how the console looks to them, and the way out. */
export function PersonMenu({
  me,
  onHelp,
}: {
  readonly me: ReplyOf<typeof readMe>
  readonly onHelp: () => void
}) {
  const navigate = useNavigate()
  const look = useAppearance()
  const themes = {
    system: t('frame.themeSystem'),
    light: t('frame.themeLight'),
    dark: t('frame.themeDark'),
  } as const
  const nextTheme = next(['system', 'light', 'dark'] as const, look.theme)
  const nextDensity: Appearance['density'] = look.density === 'compact' ? 'comfortable' : 'compact'
  const zones = {
    local: t('frame.clockLocal'),
    organisation: t('frame.clockOrganisation'),
    utc: t('frame.clockUtc'),
  } as const
  const known = ['local', ...(me.organisation === null ? [] : ['organisation' as const]), 'utc'] as const
  const nextZone: Appearance['zone'] = next(known, look.zone)
  const nextKeys: Appearance['keys'] = look.keys === 'on' ? 'off' : 'on'
  const signOut = async () => {
    await api.call(endSession, {}).catch(() => undefined) // the session is left in every case
    queries.clear()
    await navigate({ to: '/sign-in' })
  }
  return (
    <Menu
      kind="quiet"
      label={me.name}
      entries={[
        ...(me.isDemo
          ? [{ label: t('frame.demoPerson'), onSelect: () => void navigate({ to: '/sign-in' }) }]
          : []),
        { label: t('frame.account'), onSelect: () => void navigate({ to: '/account' }) },
        { label: t('rail.settings'), onSelect: () => void navigate({ to: '/settings' }) },
        {
          label: `${t('frame.theme')}: ${themes[nextTheme]}`,
          onSelect: () => setAppearance({ theme: nextTheme }),
        },
        {
          label: `${t('frame.density')}: ${t(nextDensity === 'compact' ? 'frame.densityCompact' : 'frame.densityComfortable')}`,
          onSelect: () => setAppearance({ density: nextDensity }),
        },
        {
          label: `${t('frame.clock')} ${zones[nextZone]}`,
          onSelect: () => setAppearance({ zone: nextZone }),
        },
        {
          label: `${t('frame.keysOff')}: ${t(nextKeys === 'on' ? 'frame.on' : 'frame.off')}`,
          onSelect: () => setAppearance({ keys: nextKeys }),
        },
        { label: t('frame.keys'), onSelect: onHelp },
        { label: t('frame.signOut'), onSelect: () => void signOut() },
      ]}
    />
  )
}

function next<T>(all: readonly T[], current: T): T {
  return all[(all.indexOf(current) + 1) % all.length] ?? current
}
