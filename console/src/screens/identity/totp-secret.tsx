import { t } from '../../messages/identity.ts'
import { CopyText } from '../../ui/shown-once.tsx'
import { QrCode } from './qr-code.tsx'

/** The secret for an authenticator app, to scan and to type. */
export function TotpSecret({ secret, uri }: { readonly secret: string; readonly uri: string }) {
  return (
    <div className="with-qr">
      <QrCode text={uri} label={t('totp.qr')} />
      <div className="stack">
        <p>{t('totp.scan')}</p>
        <p className="muted">{t('totp.type')}</p>
        <code className="secret">{secret.match(/.{1,4}/g)?.join(' ') ?? secret}</code>
        <div>
          <CopyText text={secret} label={t('totp.copy')} />
        </div>
      </div>
    </div>
  )
}
