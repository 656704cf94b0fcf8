import { AppError } from '../../kernel/index.ts'
import type { Address } from './embedded.ts'

/** An address as libpq and our own pools read it; a folder with a socket stands percent-encoded in the place of the host. */
export function databaseUrlOf({ host, port, user, password, database }: Address): string {
  const at = host.startsWith('/') ? encodeURIComponent(host) : host.includes(':') ? `[${host}]` : host
  const [name, secret] = [user, password].map((text) => encodeURIComponent(text))
  return `postgresql://${name}:${secret}@${at}:${port}/${encodeURIComponent(database)}`
}

/** The same place with another login. `INVALID_INPUT` for what is no URL of PostgreSQL. */
export function withLogin(
  databaseUrl: string,
  { user, password }: { readonly user: string; readonly password: string },
): string {
  const url = URL.parse(databaseUrl)
  if (url === null || !/^postgres(?:ql)?:$/.test(url.protocol))
    throw new AppError('INVALID_INPUT', 'the address of the database is no `postgresql://` URL')
  url.username = encodeURIComponent(user)
  url.password = encodeURIComponent(password)
  for (const name of ['user', 'password']) url.searchParams.delete(name)
  return url.href
}
