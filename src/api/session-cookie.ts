/** The cookie that carries the token of a session. */
export type SessionCookie = {
  readonly name: string
  /** Values of `Set-Cookie`. */
  readonly set: (token: string) => string
  readonly clear: string
}

/**
 * On https the `__Host-` prefix makes the browser refuse the cookie from any other host or path, and over plain http.
 * A browser keeps a `Secure` cookie on https alone, so plain http on a developer's machine gets one without.
 */
export function sessionCookie(origin: string): SessionCookie {
  const isSecure = new URL(origin).protocol === 'https:'
  const name = isSecure ? '__Host-countersign' : 'countersign'
  const attributes = `${isSecure ? 'Secure; ' : ''}HttpOnly; SameSite=Lax; Path=/`
  return {
    name,
    set: (token) => `${name}=${token}; ${attributes}`,
    clear: `${name}=; ${attributes}; Max-Age=0`,
  }
}
