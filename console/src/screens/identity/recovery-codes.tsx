import { t } from '../../messages/identity.ts'
import { Button } from '../../ui/button.tsx'
import { CheckField } from '../../ui/field.tsx'
import { save } from '../../ui/save-file.ts'
import { CopyText } from '../../ui/shown-once.tsx'

/** Ten codes that replace the authenticator once each, shown this one time. */
export function RecoveryCodes({
  codes,
  isKept,
  onKept,
}: {
  readonly codes: readonly string[]
  readonly isKept: boolean
  readonly onKept: (isKept: boolean) => void
}) {
  const text = `${t('recovery.fileTitle', { origin: window.location.origin })}\n\n${codes.join('\n')}\n`
  return (
    <div className="stack">
      <p>{t('recovery.text', { count: codes.length })}</p>
      <ol className="recovery-codes" aria-label={t('recovery.title')}>
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ol>
      <div className="row">
        <CopyText text={codes.join('\n')} label={t('recovery.copy')} />
        <Button
          onClick={() => save(new Blob([text], { type: 'text/plain' }), 'countersign-recovery-codes.txt')}
        >
          {t('recovery.download')}
        </Button>
      </div>
      <CheckField label={t('recovery.kept')} checked={isKept} onChange={onKept} />
    </div>
  )
}
