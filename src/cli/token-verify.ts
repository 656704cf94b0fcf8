import { audiences, verifyGrant, verifyReceipt, type TrustBundle } from '../governance/authorization/index.ts'
import { epochMs, type EpochMs, type JsonObject } from '../kernel/index.ts'
import { exitCodes, printable, UsageError, type CliCommand, type CliInput, type CliOption } from './cli.ts'
import { keysInFile, pinnedRoot, publishedKeys, rootVariable, unreadable } from './trust.ts'

const trustOptions: Readonly<Record<string, CliOption>> = {
  root: { type: 'string', help: `fingerprint of the root key; else ${rootVariable}` },
  bundle: { type: 'string', help: 'file or address of the trust bundle; else that of COUNTERSIGN_URL' },
  at: { type: 'string', help: 'judge as of this instant (RFC 3339) instead of now' },
}

/** `grant verify`: checks one grant with a pinned root. With a bundle in a file it needs no network. */
export function grantVerifyCommand(): CliCommand {
  return {
    name: 'grant verify',
    summary: 'Verify a grant offline: exit 0 it holds, 3 it does not, 4 the keys cannot be established',
    positionals: ['token-or-file'],
    options: {
      ...trustOptions,
      aud: { type: 'string', help: `for whom: ${audiences.join(', ')}; gateway unless given` },
      epoch: { type: 'string', help: 'highest stop epoch of the deployment that you know; 0 unless given' },
    },
    run: async (input) => {
      const { values } = input
      const aud = audiences.find((known) => known === (values['aud'] ?? 'gateway'))
      if (aud === undefined) throw new UsageError(`--aud takes ${audiences.join(', ')}`)
      const epoch = Number(values['epoch'] ?? 0)
      if (!Number.isSafeInteger(epoch) || epoch < 0) throw new UsageError('--epoch is a whole number')
      return judge(input, 'grant', (token, bundle, now) =>
        verifyGrant(token, bundle, { aud, now, minEpoch: () => epoch }),
      )
    },
  }
}

/** `gate verify`: checks the receipt that `gate check --receipt` has written. */
export function gateVerifyCommand(): CliCommand {
  return {
    name: 'gate verify',
    summary: 'Verify a receipt of the gate: exit 0 its signature holds, 3 it does not, 4 no keys',
    positionals: ['token-or-file'],
    options: trustOptions,
    run: (input) => judge(input, 'receipt', verifyReceipt),
  }
}

type Checked = { readonly ok: true; readonly claims: object } | { readonly ok: false; readonly fault: string }

async function judge(
  input: CliInput,
  what: string,
  check: (token: string, bundle: TrustBundle, now: EpochMs) => Checked,
): Promise<number> {
  const token = await tokenOf(input)
  const checked = check(token, await bundleOf(input), instantOf(input.values['at']))
  if (!checked.ok) {
    input.print({ ok: false, fault: checked.fault }, `the ${what} does not hold: ${checked.fault}`)
    return exitCodes.refused
  }
  const { claims } = checked
  const lines = Object.entries(claims as JsonObject).map(
    ([name, value]) => `  ${name.padEnd(8)}${typeof value === 'string' ? value : JSON.stringify(value)}`,
  )
  input.print({ ok: true, claims }, printable([`the ${what} holds`, ...lines].join('\n')))
  return exitCodes.ok
}

/** A compact token has two dots and no white space or slash; everything else is a file, bare or as a JSON text. */
async function tokenOf({ positionals, io }: CliInput): Promise<string> {
  const given = positionals[0] ?? ''
  if (/^[\w-]+\.[\w-]+\.[\w-]+$/.test(given) && given.startsWith('eyJ')) return given
  const text = (await io.readFile(given).catch(unreadable)).trim()
  return text.startsWith('"') && text.endsWith('"') ? text.slice(1, -1) : text
}

async function bundleOf({ values, io }: CliInput): Promise<TrustBundle> {
  const pinned = pinnedRoot(values['root'], io)
  const source = values['bundle']
  if (typeof source !== 'string') return publishedKeys(io, pinned)
  if (/^https?:\/\//.test(source))
    return publishedKeys({ ...io, env: { ...io.env, COUNTERSIGN_URL: new URL(source).origin } }, pinned)
  if (pinned === null) throw new UsageError(`give --root or ${rootVariable}: a file vouches for nothing`)
  return keysInFile(io, source, pinned)
}

function instantOf(at: string | boolean | undefined): EpochMs {
  const ms = typeof at === 'string' ? Date.parse(at) : Date.now()
  if (!Number.isSafeInteger(ms)) throw new UsageError('--at is an instant such as 2026-01-31T12:00:00Z')
  return epochMs(ms)
}
