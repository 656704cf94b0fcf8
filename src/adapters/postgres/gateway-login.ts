import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto'
import type { Pool } from './pool.ts'

const iterations = 4_096

/**
 * Creates a login that may act as `countersign_gateway` and as nothing else, with a fresh password. The server gets its
 * verifier alone, so that no log of statements holds it.
 */
export async function createGatewayLogin(
  owner: Pool,
): Promise<{ readonly user: string; readonly password: string }> {
  const user = `countersign_gateway_${randomBytes(6).toString('hex')}`
  const password = randomBytes(32).toString('base64url')
  // Both are of our own making, without a character that SQL knows.
  await owner.query(
    `create role ${user} login nosuperuser nocreatedb nocreaterole noreplication connection limit 32
     password '${scramVerifier(password)}' in role countersign_gateway`,
  )
  return { user, password }
}

/** SPEC: RFC 5802 3, RFC 7677; the form is that of PostgreSQL's pg_authid.rolpassword. */
function scramVerifier(password: string): string {
  const salt = randomBytes(16)
  const salted = pbkdf2Sync(password, salt, iterations, 32, 'sha256')
  const hmac = (text: string) => createHmac('sha256', salted).update(text).digest()
  const storedKey = createHash('sha256').update(hmac('Client Key')).digest('base64')
  return `SCRAM-SHA-256$${iterations}:${salt.toString('base64')}$${storedKey}:${hmac('Server Key').toString('base64')}`
}

/** What a login may do beyond reading the snapshot and writing traffic; empty for one that a gateway may use. */
export async function excessOf(pool: Pool): Promise<readonly string[]> {
  const { rows } = await pool.query<{ excess: string }>(
    `select 'is superuser' as excess from pg_roles where rolname = session_user and rolsuper
     union all select 'may create roles' from pg_roles where rolname = session_user and rolcreaterole
     union all select 'passes by row-level security' from pg_roles where rolname = session_user and rolbypassrls
     union all select 'may act as ' || r.rolname from pg_roles r
       where r.rolname in ('countersign_app', 'countersign_integrator') and pg_has_role(session_user, r.oid, 'member')
     union all select 'may act as the owner of the database' from pg_database d
       where d.datname = current_database() and pg_has_role(session_user, d.datdba, 'member')
     union all select distinct 'may act as the owner of the tables' from pg_class c
       where c.relname = 'gateway_keys' and c.relkind = 'r' and pg_has_role(session_user, c.relowner, 'member')`,
  )
  return rows.map(({ excess }) => excess)
}
