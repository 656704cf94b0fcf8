import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomBytes,
  sign,
  type KeyObject,
} from 'node:crypto'

/** A passkey in software, for tests and the demo. It proves possession of a key in memory and nothing about a person. */
export type SoftwareAuthenticator = {
  readonly credentialId: string
  readonly register: (options: { readonly challenge: string }) => object
  readonly assert: (options: { readonly challenge: string }, change?: AssertionChange) => object
  /** The credential for another authenticator that shall stand in for this one, such as the virtual one of a browser. */
  readonly handOver: () => HandedOver
}

/** Id and PKCS #8 key in base64, and how often the key has signed. */
export type HandedOver = { readonly id: string; readonly privateKey: string; readonly signCount: number }

/** Ways to misbehave, for tests. */
export type AssertionChange = {
  readonly origin?: string
  readonly challenge?: string
  readonly userVerified?: boolean
  readonly counter?: number
  readonly signer?: KeyObject
}

/** An ES256 authenticator for one relying party: a fresh one, or one that was handed over and goes on from there. */
export function createSoftwareAuthenticator(
  party: { readonly rpId: string; readonly origin: string },
  kept?: HandedOver,
): SoftwareAuthenticator {
  const privateKey =
    kept === undefined
      ? generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
      : createPrivateKey({ key: Buffer.from(kept.privateKey, 'base64'), format: 'der', type: 'pkcs8' })
  const publicKey = createPublicKey(privateKey)
  const id = kept === undefined ? randomBytes(32) : Buffer.from(kept.id, 'base64')
  const credentialId = id.toString('base64url')
  let counter = kept?.signCount ?? 0
  const rpIdHash = createHash('sha256').update(party.rpId).digest()

  return {
    credentialId,
    handOver: () => ({
      id: id.toString('base64'),
      privateKey: privateKey.export({ type: 'pkcs8', format: 'der' }).toString('base64'),
      signCount: counter,
    }),
    register: ({ challenge }) => {
      const { x, y } = publicKey.export({ format: 'jwk' })
      const key = cborMap([
        [1, 2], // key type EC2
        [3, -7], // ES256
        [-1, 1], // P-256
        [-2, Buffer.from(x ?? '', 'base64url')],
        [-3, Buffer.from(y ?? '', 'base64url')],
      ])
      const length = Buffer.from([id.length >> 8, id.length & 255])
      const attested = Buffer.concat([Buffer.alloc(16), length, id, key])
      // Flags: user present, user verified, attested credential data.
      const authData = Buffer.concat([rpIdHash, Buffer.from([0x45]), counterBytes(counter), attested])
      const attestationObject = cborMap([
        ['fmt', 'none'],
        ['attStmt', new Map<string, string>()],
        ['authData', authData],
      ])
      return credential({
        clientDataJSON: clientData('webauthn.create', challenge, party.origin).toString('base64url'),
        attestationObject: attestationObject.toString('base64url'),
        transports: ['internal'],
      })
    },
    assert: ({ challenge }, change = {}) => {
      counter += 1
      const flags = change.userVerified === false ? 0x01 : 0x05
      const authData = Buffer.concat([
        rpIdHash,
        Buffer.from([flags]),
        counterBytes(change.counter ?? counter),
      ])
      const data = clientData('webauthn.get', change.challenge ?? challenge, change.origin ?? party.origin)
      const message = Buffer.concat([authData, createHash('sha256').update(data).digest()])
      return credential({
        clientDataJSON: data.toString('base64url'),
        authenticatorData: authData.toString('base64url'),
        signature: sign('sha256', message, change.signer ?? privateKey).toString('base64url'),
      })
    },
  }

  function credential(response: object): object {
    return {
      id: credentialId,
      rawId: credentialId,
      type: 'public-key',
      clientExtensionResults: {},
      authenticatorAttachment: 'platform',
      response,
    }
  }
}

function clientData(type: string, challenge: string, origin: string): Buffer {
  return Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: false }), 'utf8')
}

function counterBytes(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

type Cbor = number | string | Buffer | Map<string, string>

/** The few CBOR forms that WebAuthn needs (RFC 8949): integers, text, bytes and maps. */
function cborMap(entries: readonly (readonly [number | string, Cbor])[]): Buffer {
  return Buffer.concat([
    head(5, entries.length),
    ...entries.flatMap(([key, value]) => [cbor(key), cbor(value)]),
  ])
}

function cbor(value: Cbor): Buffer {
  if (typeof value === 'number') return value >= 0 ? head(0, value) : head(1, -1 - value)
  if (typeof value === 'string') return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)])
  if (Buffer.isBuffer(value)) return Buffer.concat([head(2, value.length), value])
  return head(5, 0)
}

function head(major: number, value: number): Buffer {
  if (value < 24) return Buffer.from([(major << 5) | value])
  if (value < 256) return Buffer.from([(major << 5) | 24, value])
  return Buffer.from([(major << 5) | 25, value >> 8, value & 255])
}
