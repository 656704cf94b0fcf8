import { encodeQR } from 'qr'

/** A text as a QR code. It says nothing to somebody who cannot see it, so the text must stand beside it. */
export function QrCode({ text, label }: { readonly text: string; readonly label: string }) {
  const { size, path } = qrPath(text)
  return (
    <svg
      className="qr"
      viewBox={`0 0 ${size} ${size}`}
      role="img"
      aria-label={label}
      shapeRendering="crispEdges"
    >
      <path d={path} />
    </svg>
  )
}

/**
 * The dark fields as one path, and how many fields a side has. A screen needs little correction, and fewer fields are
 * larger ones. SPEC: ISO/IEC 18004 asks for four light fields around.
 */
export function qrPath(text: string): { readonly size: number; readonly path: string } {
  const rows = encodeQR(text, 'raw', { border: 4, ecc: 'low' })
  const path = rows.flatMap((row, y) => row.map((isDark, x) => (isDark ? `M${x} ${y}h1v1h-1z` : ''))).join('')
  return { size: rows.length, path }
}
