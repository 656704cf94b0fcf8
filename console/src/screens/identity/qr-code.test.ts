import { decodeQR } from 'qr/decode.js'
import { expect, test } from 'vitest'
import { qrPath } from './qr-code.tsx'

test('what is drawn is what an authenticator app reads', () => {
  const uri =
    'otpauth://totp/Countersign:ada.admin%40soc.example?issuer=Countersign&secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&algorithm=SHA1&digits=6&period=30'
  const { size, path } = qrPath(uri)
  const scale = 6
  const side = size * scale
  const data = new Uint8Array(side * side * 4).fill(255)
  for (const [, x = '0', y = '0'] of path.matchAll(/M(\d+) (\d+)h1v1h-1z/g))
    for (let dy = 0; dy < scale; dy += 1)
      for (let dx = 0; dx < scale; dx += 1) {
        const at = ((Number(y) * scale + dy) * side + Number(x) * scale + dx) * 4
        data.fill(0, at, at + 3)
      }
  expect(decodeQR({ width: side, height: side, data })).toBe(uri)
})
