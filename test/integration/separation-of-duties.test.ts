import { afterAll, beforeAll, expect, test } from 'vitest'
import { DatabaseError } from 'pg'
import { createPool, type Pool } from '../../src/adapters/postgres/index.ts'
import { cloneDatabase } from '../support/database.ts'

/** The role of the application on rows of its own, past every decider. */
let app: Pool

const rows = `
  insert into use_cases (id, revision, state, requester_id, business_owner_id, technical_owner_id, backup_owner_id,
      created_at, updated_at)
    values ('uc', 1, 'submitted', 'usr_requester', 'usr_business', 'usr_technical', 'usr_backup', now(), now());
  insert into systems (id, use_case_id, kind, state, created_at) values ('sys', 'uc', 'built', 'registered', now());
  insert into releases (digest, system_id, manifest, author, created_at)
    values ('sha256:r', 'sys', '{}', 'usr_author', now());
  insert into deployments (id, use_case_id, system_id, environment, op, epoch, owner_id, created_at)
    values ('dep', 'uc', 'sys', 'prod', 'live', 0, 'usr_technical', now());
  insert into reviews (id, use_case_revision, release, kind, state, due_at, created_at, use_case_id)
    values ('rvw', 'sha256:u', 'sha256:r', 'legal', 'assigned', now(), now(), 'uc');
  insert into conditions (id, decision_id, use_case_id, phase, state, owner_id, due_at)
    values ('cnd', 'dcn', 'uc', 'after_deploy', 'open', 'usr_owner', now());
  insert into overrides (id, deployment_id, state, requested_by, seconded_by, renewed_by)
    values ('ovr', 'dep', 'active', 'usr_asker', 'usr_second', 'usr_renewer');
  insert into waivers (id, use_case_id, state, requested_by) values ('wvr', 'uc', 'requested', 'usr_asker');
  insert into cases (id, use_case_id, system_id, release, environment, kind, tier, state, subject_digest, deadline_at,
      opened_at)
    values ('case', 'uc', 'sys', 'sha256:r', 'prod', 'initial', 3, 'voting', 'sha256:s', now(), now());
  insert into case_conflicts (case_id, person_id, code) values ('case', 'usr_validator', 'validator');
  insert into people (id, state, is_admin, created_at) values ('usr_admin', 'active', true, now());
  insert into ballots (id, case_id, fn, person_id, choice, subject_digest, is_live, cast_at) values
    ('bal_live', 'case', 'security', 'usr_voter', 'approve', 'sha256:s', true, now()),
    ('bal_superseded', 'case', 'privacy', 'usr_wavering', 'object', 'sha256:s', false, now());
  insert into decisions (id, case_id, outcome, use_case_id, system_id, environment, release, not_before_at, expires_at,
      decided_at)
    values ('dcn', 'case', 'approved', 'uc', 'sys', 'prod', 'sha256:r', now(), now() + interval '1 day', now());
  insert into decision_revocations (decision_id, revoked_at) values ('dcn', now());
  insert into ledger.command (id, actor, at) values ('cmd', 'sys:timer', now());
  insert into ledger.entry (id, seq, part, parts, stream, rev, kind, leaf)
    select 'evt', seq, 1, 1, 'thing/a', 1, 'test.happened', '{}' from ledger.command;
  insert into ledger.payload (event_id, facts, facts_key) values ('evt', '{}', sha256(''));
  insert into ledger.queue (seq) select seq from ledger.command`

beforeAll(async () => {
  app = createPool(await cloneDatabase(), 'countersign_app', 1)
  await app.query(rows)
})
afterAll(() => app.end())

/** Runs one statement up to its deferred constraints and takes it back. The constraint that refuses it, or null. */
async function refusalOf(sql: string, value: string): Promise<string | null> {
  await app.query('begin')
  try {
    const { rowCount } = await app.query(sql, [value])
    expect(rowCount).toBe(1)
    await app.query('set constraints all immediate')
    return null
  } catch (error) {
    if (error instanceof DatabaseError && error.constraint !== undefined) return error.constraint
    throw error
  } finally {
    await app.query('rollback')
  }
}

const sign = `update reviews set state = 'signed_off', signed_by = $1`
const accept = 'update waivers set accepted_by = array[$1]'
const castBy = `insert into ballots (id, case_id, fn, person_id, choice, subject_digest, is_live, cast_at)
  values ('bal_new', 'case', 'legal', $1, 'approve', 'sha256:s', true, now())`
const castFor = `insert into ballots (id, case_id, fn, person_id, choice, subject_digest, is_live, cast_at)
  values ('bal_new', 'case', $1, 'usr_other', 'approve', 'sha256:s', true, now())`
const triage = 'update use_cases set triaged_by = $1'

test.each([
  ['triages as the requester', 'use_cases_triaged_by_another', triage, 'usr_requester', 'usr_other'],
  ['triages as the business owner', 'use_cases_triaged_by_another', triage, 'usr_business', 'usr_other'],
  ['triages as the technical owner', 'use_cases_triaged_by_another', triage, 'usr_technical', 'usr_other'],
  ['triages as the backup owner', 'use_cases_triaged_by_another', triage, 'usr_backup', 'usr_other'],
  ['signs a review as the requester', 'reviews_signed_by_another', sign, 'usr_requester', 'usr_other'],
  ['signs a review as an owner', 'reviews_signed_by_another', sign, 'usr_backup', 'usr_other'],
  ['signs a review of their release', 'reviews_signed_by_another', sign, 'usr_author', 'usr_other'],
  [
    'attests a condition that they own',
    'conditions_attested_by_another',
    `update conditions set state = 'met', attested_by = $1`,
    'usr_owner',
    'usr_other',
  ],
  [
    'seconds their own override',
    'overrides_seconded_by_another',
    'update overrides set seconded_by = $1',
    'usr_asker',
    'usr_other',
  ],
  [
    'seconds the renewal of their own override',
    'overrides_renewed_by_another',
    'update overrides set renewed_by = $1',
    'usr_asker',
    'usr_other',
  ],
  [
    'reviews an override that they asked for',
    'overrides_reviewed_by_another',
    'update overrides set reviewed_by = $1',
    'usr_asker',
    'usr_other',
  ],
  [
    'reviews an override that they seconded',
    'overrides_reviewed_by_another',
    'update overrides set reviewed_by = $1',
    'usr_second',
    'usr_other',
  ],
  [
    'reviews an override that they renewed',
    'overrides_reviewed_by_no_renewer',
    'update overrides set reviewed_by = $1',
    'usr_renewer',
    'usr_other',
  ],
  ['accepts a waiver that they asked for', 'waivers_accepted_by_another', accept, 'usr_asker', 'usr_other'],
  ['accepts a waiver as the requester', 'waivers_accepted_by_no_owner', accept, 'usr_requester', 'usr_other'],
  ['accepts a waiver as an owner', 'waivers_accepted_by_no_owner', accept, 'usr_technical', 'usr_other'],
  ['votes with a conflict', 'ballots_without_conflict', castBy, 'usr_validator', 'usr_other'],
  ['votes as an administrator', 'ballots_without_conflict', castBy, 'usr_admin', 'usr_other'],
  ['votes as a service', 'ballots_by_people', castBy, 'svc_robot', 'usr_other'],
  ['votes twice', 'ballots_one_live_per_person', castBy, 'usr_voter', 'usr_other'],
  ['votes for a function that has voted', 'ballots_one_live_per_function', castFor, 'security', 'legal'],
  [
    'revives a superseded ballot',
    'ballots_never_revive',
    'update ballots set is_live = true where id = $1',
    'bal_superseded',
    'bal_live',
  ],
])('nobody %s, whatever the code above says: %s', async (_who, constraint, sql, conflicting, other) => {
  expect(await refusalOf(sql, conflicting)).toBe(constraint)
  expect(await refusalOf(sql, other)).toBeNull()
})

test('a signature and an acceptance stay what they were when their giver becomes an owner later', async () => {
  await app.query('begin')
  await app.query(`update reviews set state = 'signed_off', signed_by = 'usr_other'`)
  await app.query(`update waivers set accepted_by = '{usr_other}'`)
  await app.query(`update use_cases set backup_owner_id = 'usr_other'`)
  await app.query(`update reviews set due_at = now()`)
  await app.query(`update waivers set accepted_by = '{usr_other,usr_third}'`)
  await app.query('rollback')
})

test.each([
  ['rewrite a ballot', `update ballots set choice = 'approve'`],
  ['give a ballot to somebody else', `update ballots set person_id = 'usr_other'`],
  ['move a ballot to another subject', `update ballots set subject_digest = 'sha256:x'`],
  ['delete a ballot', 'delete from ballots'],
  ['truncate ballots', 'truncate ballots'],
  ['rewrite a decision', `update decisions set outcome = 'approved'`],
  ['prolong a decision', `update decisions set expires_at = expires_at + interval '1 year'`],
  ['delete a decision', 'delete from decisions'],
  ['truncate decisions', 'truncate decisions cascade'],
  ['change a revocation', 'update decision_revocations set revoked_at = now()'],
  ['take a revocation back', 'delete from decision_revocations'],
  ['excuse a conflict', 'delete from case_conflicts'],
  ['move a conflict to somebody else', `update case_conflicts set person_id = 'usr_other'`],
  ['rewrite a release', `update releases set author = 'usr_other'`],
  ['delete a release', 'delete from releases'],
  ['forget a refusal', 'delete from refusals'],
  ['rewrite a refusal', `update refusals set codes = '{}'`],
  ['rewrite a command', `update ledger.command set actor = 'usr_other'`],
  ['delete a command', 'delete from ledger.command'],
  ['rewrite an entry', `update ledger.entry set kind = 'test.other'`],
  ['delete an entry', 'delete from ledger.entry'],
  ['truncate entries', 'truncate ledger.entry cascade'],
  ['rewrite facts', `update ledger.payload set facts = '{"n":1}'`],
  ['delete a payload', 'delete from ledger.payload'],
  ['hold back an entry', 'delete from ledger.queue'],
  ['add a leaf', `insert into ledger.leaf (index, event_id, hash) values (0, 'evt', sha256(''))`],
  ['rewrite a leaf', 'update ledger.leaf set index = index + 1'],
  ['delete a leaf', 'delete from ledger.leaf'],
  ['rewrite a node', 'update ledger.node set index = index + 1'],
  ['delete a node', 'delete from ledger.node'],
  ['move the head', 'update ledger.log set size = 0'],
  ['delete the head', 'delete from ledger.log'],
  ['rewrite a checkpoint', `update ledger.checkpoint set note = ''`],
  ['delete a checkpoint', 'delete from ledger.checkpoint'],
])('the role of the application may not %s', async (_what, sql) => {
  await expect(app.query(sql)).rejects.toMatchObject({ code: '42501' })
})
