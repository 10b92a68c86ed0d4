import { type Kysely, sql } from 'kysely'

const TOKENS = [
  'input',
  'cache_read',
  'cache_write_5m',
  'cache_write_1h',
  'input_audio',
  'input_image',
  'output',
  'reasoning',
  'output_audio',
  'output_image',
]
/** By what requests are looked for, each from the newest on. Of most that went well, nobody asks. */
const SOUGHT = ['key_id', 'user_id', 'team', 'route', 'provider', 'model']
const FAILURES = { outcome: "outcome <> 'ok'", status: 'status >= 400', error: 'error is not null' }
const SUMS = [
  'requests',
  'errors',
  'input_tokens',
  'cache_read_tokens',
  'output_tokens',
  'cost_nano',
  'unpriced',
  'duration_us',
  'first_byte_us',
]

/** The tables of the first version. */
export async function first(db: Kysely<never>, engine: 'sqlite' | 'postgres'): Promise<void> {
  for (const statement of [...objects(), ...usage(engine)])
    await sql.raw(ordered(statement, engine)).execute(db)
  for (const statement of appendOnly(engine)) await sql.raw(statement).execute(db)
}

/** Texts are compared by their bytes, in every database alike, and as SQLite does it anyway. */
function ordered(statement: string, engine: 'sqlite' | 'postgres'): string {
  return engine === 'postgres' ? statement.replaceAll(/ text\b/g, ' text collate "C"') : statement
}

function objects(): string[] {
  return [
    `create table objects (kind text not null, id text not null, version bigint not null,
      created_at bigint not null, updated_at bigint not null, team text, user_id text, body text not null,
      primary key (kind, id))`,
    'create index objects_team on objects (kind, team, id)',
    'create index objects_user on objects (kind, user_id, id)',
    `create table key_index (id text not null primary key, digest text not null unique, previous_digest text,
      search text not null)`,
    'create index key_index_previous on key_index (previous_digest)',
    'create table changes (kind text not null primary key, count bigint not null)',
    'create table key_changes (at bigint not null, digest text not null, primary key (at, digest))',
    'create table settings (name text not null primary key, value text not null)',
    `create table audit (id text not null primary key, at bigint not null, actor text not null,
      action text not null, object text not null, team text, team_before text, before text, after text)`,
    ...['object', 'actor', 'action', 'team', 'team_before'].map(
      (name) => `create index audit_${name} on audit (${name}, id)`,
    ),
  ]
}

function usage(engine: 'sqlite' | 'postgres'): string[] {
  const dimensions = `key_id text, user_id text, team text, tags text not null, route text, target text,
    provider text, model text, status integer not null, outcome text not null, error text`
  return [
    `create table usage (id text not null primary key, at bigint not null, ${dimensions},
      key_name text, model_served text, dialect text not null, endpoint text not null,
      stream integer not null, is_estimated integer not null,
      ${TOKENS.map((name) => `${name} bigint`).join(', ')},
      web_searches double precision not null, search_units double precision not null,
      cost_nano bigint, price_version text, duration_ms double precision not null,
      first_byte_ms double precision not null, tokens_per_second double precision, cache text,
      request_bytes bigint not null, response_bytes bigint not null)`,
    // Not the id: requests of the same millisecond are few and soon sorted, and every row pays for an index's width.
    'create index usage_at on usage (at)',
    ...SOUGHT.map((name) => `create index usage_${name} on usage (${name}, at)`),
    ...Object.entries(FAILURES).map(
      ([name, failed]) => `create index usage_${name} on usage (${name}, at) where ${failed}`,
    ),
    `create table usage_tags (usage_id text not null references usage (id) on delete cascade,
      name text not null, value text not null, at bigint not null, primary key (usage_id, name))`,
    'create index usage_tags_value on usage_tags (name, value, at, usage_id)',
    `create table attempts (usage_id text not null references usage (id) on delete cascade,
      position integer not null, route text not null, target text not null, provider text not null, model text,
      reason text not null, outcome text not null, started_ms double precision not null,
      took_ms double precision not null, waited_ms double precision not null, lost_nano bigint,
      primary key (usage_id, position))${inOrder(engine)}`,
    `create table usage_bodies (id text not null primary key, at bigint not null, expires_at bigint,
      request text, response text, request_cut integer not null, response_cut integer not null)`,
    'create index usage_bodies_expires on usage_bodies (expires_at, id)',
    // Read by ranges of time, in whose order the table itself is kept.
    ...['usage_hours', 'usage_days'].map(
      (name) => `create table ${name} (start bigint not null, id text not null, ${dimensions},
        ${SUMS.map((sum) => `${sum} bigint not null`).join(', ')}, primary key (start, id))${inOrder(engine)}`,
    ),
    'create table spools (spool text not null primary key, "offset" bigint not null)',
  ]
}

/** The table itself is kept by its primary key. */
function inOrder(engine: 'sqlite' | 'postgres'): string {
  return engine === 'sqlite' ? ' without rowid' : ''
}

/** What somebody did stays told, whoever has the database's password by way of the gateway. */
function appendOnly(engine: 'sqlite' | 'postgres'): string[] {
  const message = 'the audit log is append-only'
  if (engine === 'sqlite') {
    return ['update', 'delete'].map(
      (verb) =>
        `create trigger audit_no_${verb} before ${verb} on audit begin select raise(abort, '${message}'); end`,
    )
  }
  return [
    `create function audit_refuse() returns trigger language plpgsql as
      $$ begin raise exception '${message}'; end $$`,
    `create trigger audit_no_change before update or delete on audit
      for each statement execute function audit_refuse()`,
  ]
}
