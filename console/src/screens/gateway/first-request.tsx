import { Link } from '@tanstack/react-router'
import { readGateway } from '../../../../src/contracts/routes/gateway.ts'
import { useRead } from '../../api/reading.ts'
import { t } from '../../messages/gateway.ts'
import { CommandLine } from './command-line.tsx'

/** A line that sends a call to the gateway of this installation. Text is quoted for a POSIX shell. */
export function requestLine(origin: string, token: string | null, model: string | null): string {
  const body = JSON.stringify({
    model: model ?? 'provider/model',
    messages: [{ role: 'user', content: 'Hello' }],
  })
  return [
    `curl ${quoted(`${origin}/v1/chat/completions`)} \\`,
    `  -H ${token === null ? '"Authorization: Bearer $COUNTERSIGN_KEY"' : quoted(`Authorization: Bearer ${token}`)} \\`,
    `  -H 'Content-Type: application/json' \\`,
    `  -d ${quoted(body)}`,
  ].join('\n')
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}

/** No call yet: how to send the first one. */
export function FirstRequest() {
  const { data } = useRead(readGateway, {})
  return (
    <span className="stack">
      <span>{t('gateway.noCalls')}</span>
      {data?.origin != null && (
        <CommandLine text={requestLine(data.origin, null, null)} label={t('gateway.firstRequest')} />
      )}
      {data?.origin === null && <span>{t('gateway.noGateway')}</span>}
      <span>
        {t('gateway.keyFirst')} <Link to="/gateway/keys">{t('gateway.tab.keys')}</Link>
      </span>
    </span>
  )
}
