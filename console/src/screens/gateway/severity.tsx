import { severities } from '../../../../src/contracts/routes/gateway.ts'
import { tCode } from '../../messages/gateway.ts'

/** A severity as bars with its word, in ink: it is no state. */
export function Severity({ severity }: { readonly severity: (typeof severities)[number] }) {
  const level = severities.indexOf(severity)
  return (
    <span className="tier">
      {severities.map((one, i) => (
        <i key={one} className={i <= level ? 'on' : ''} aria-hidden="true" />
      ))}
      <span>{tCode('severity', severity)}</span>
    </span>
  )
}
