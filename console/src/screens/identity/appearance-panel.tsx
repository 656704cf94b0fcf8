import { useMe } from '../../api/session.ts'
import { t } from '../../messages/identity.ts'
import { setAppearance, useAppearance, type Appearance } from '../../ui/clock.ts'
import { RadioField, type Option } from '../../ui/field.tsx'
import { Panel } from '../../ui/panel.tsx'

/** How the console looks to me in this browser. */
export function AppearancePanel() {
  const look = useAppearance()
  const organisation = useMe().data?.organisation ?? null
  return (
    <Panel title={t('account.appearance')}>
      <div className="stack">
        <p className="muted">{t('account.appearanceText')}</p>
        <div className="choices">
          <Choice
            label={t('frame.theme')}
            value={look.theme}
            onChange={(theme) => setAppearance({ theme })}
            options={[
              { value: 'system', label: t('frame.themeSystem') },
              { value: 'light', label: t('frame.themeLight') },
              { value: 'dark', label: t('frame.themeDark') },
            ]}
          />
          <Choice
            label={t('frame.density')}
            value={look.density}
            onChange={(density) => setAppearance({ density })}
            options={[
              { value: 'compact', label: t('frame.densityCompact') },
              { value: 'comfortable', label: t('frame.densityComfortable') },
            ]}
          />
          <Choice
            label={t('frame.clock')}
            value={look.zone}
            onChange={(zone) => setAppearance({ zone })}
            options={[
              { value: 'local', label: t('frame.clockLocal') },
              ...(organisation === null
                ? []
                : [{ value: 'organisation' as const, label: t('frame.clockOrganisation') }]),
              { value: 'utc', label: t('frame.clockUtc') },
            ]}
          />
          <Choice
            label={t('frame.keysOff')}
            value={look.keys}
            onChange={(keys) => setAppearance({ keys })}
            options={[
              { value: 'on', label: t('frame.on') },
              { value: 'off', label: t('frame.off') },
            ]}
          />
        </div>
      </div>
    </Panel>
  )
}

function Choice<V extends Appearance[keyof Appearance]>({
  label,
  value,
  options,
  onChange,
}: {
  readonly label: string
  readonly value: V
  readonly options: readonly (Option & { readonly value: V })[]
  readonly onChange: (value: V) => void
}) {
  const choose = (chosen: string) => {
    const option = options.find((one) => one.value === chosen)
    if (option !== undefined) onChange(option.value)
  }
  return <RadioField label={label} value={value} options={options} onChange={choose} />
}
