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

/**
 * What a login may do beyond acting as `countersign_gateway`; empty for one that a gateway may use. What is not known to be
 * needed is too much: every other role, every attribute of a role, and everything that it owns.
 */
export async function excessOf(pool: Pool): Promise<readonly string[]> {
  const { rows } = await pool.query<{ excess: string }>(
    `with login as (select * from pg_roles where rolname = session_user),
       own as (select * from pg_roles where rolname in (session_user, 'countersign_gateway'))
     select distinct excess from own, lateral (values
       (rolsuper, 'is superuser'), (rolcreaterole, 'may create roles'), (rolcreatedb, 'may create databases'),
       (rolreplication, 'may replicate'), (rolbypassrls, 'passes by row-level security')) as attribute (has, excess)
       where has
     union all select 'may act as ' || r.rolname from pg_roles r, login
       where not login.rolsuper and r.oid not in (select oid from own) and pg_has_role(login.oid, r.oid, 'member')
     union all select 'may let others act as countersign_gateway' from login
       where not rolsuper and pg_has_role(oid, 'countersign_gateway', 'member with admin option')
     union all select distinct 'is the owner of something' from pg_shdepend d join own on own.oid = d.refobjid
       where d.refclassid = 'pg_authid'::regclass and d.deptype = 'o'`,
  )
  return rows.map(({ excess }) => excess)
}
