/** The cookie that carries the token of a session. */
export type SessionCookie = {
  readonly name: string
  /** Values of `Set-Cookie`. */
  readonly set: (token: string) => string
  readonly clear: string
}

export type CookiePlace = { readonly origin: string; readonly isDemo: boolean }

/**
 * On https the `__Host-` prefix makes the browser refuse the cookie from any other host or path, and over plain http.
 * A browser keeps a `Secure` cookie on https alone, so plain http on a developer's machine gets one without. Cookies know no
 * port: a demo installation beside the real one has a name of its own, so that neither signs people out of the other.
 */
export function sessionCookie({ origin, isDemo }: CookiePlace): SessionCookie {
  const isSecure = new URL(origin).protocol === 'https:'
  const name = `${isSecure ? '__Host-' : ''}countersign${isDemo ? '-demo' : ''}`
  const attributes = `${isSecure ? 'Secure; ' : ''}HttpOnly; SameSite=Lax; Path=/`
  return {
    name,
    set: (token) => `${name}=${token}; ${attributes}`,
    clear: `${name}=; ${attributes}; Max-Age=0`,
  }
}
