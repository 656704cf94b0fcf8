import { t } from '../../messages/intake.ts'
import { Panel } from '../../ui/panel.tsx'

/** What somebody should know before they start. */
export function FiveFacts() {
  return (
    <Panel title={t('portal.before')}>
      <p>{t('portal.minutes')}</p>
      <ol className="numbered">
        <li>{t('portal.fact1')}</li>
        <li>{t('portal.fact2')}</li>
        <li>{t('portal.fact3')}</li>
        <li>{t('portal.fact4')}</li>
        <li>{t('portal.fact5')}</li>
      </ol>
      <p className="muted">{t('portal.unknownIsFine')}</p>
    </Panel>
  )
}
