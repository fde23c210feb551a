-- People of the office and of the units, their posts and sessions.

create table staff (
  id            integer primary key generated always as identity,
  login         text not null unique check (login ~ '^[a-z][a-z0-9._-]{1,39}$'),
  name          text not null check (length(name) between 1 and 40),   -- a post or a person's name
  unit_id       integer not null references units (id),                -- the unit acted for
  home_unit_id  integer not null references units (id),                -- where the person comes from (recusal)
  password_hash text not null,
  must_change   boolean not null default true,
  active        boolean not null default true,
  failures      smallint not null default 0,
  locked_until  timestamptz,
  created_at    timestamptz not null default now()
);

create table staff_roles (
  staff_id integer not null references staff (id),
  role     text not null check (role in ('coordinator', 'supervisor', 'accountability', 'registry', 'handler', 'unit_leader',
                                         'callback', 'leader', 'monitor', 'admin', 'auditor')),
  primary key (staff_id, role)
);

create table staff_sessions (
  token_hash bytea primary key check (length(token_hash) = 32),
  staff_id   integer not null references staff (id),
  created_at timestamptz not null default now(),
  seen_at    timestamptz not null default now(),
  idle       interval not null,                       -- the session ends after this without a request
  expires_at timestamptz not null,
  ended_at   timestamptz
);
create index staff_sessions_staff on staff_sessions (staff_id);

-- Who did what outside a case: sign-in, sign-out, failed sign-in, looks at confidential cases, exports. Append-only.
create table audit_log (
  id       bigint primary key generated always as identity,
  at       timestamptz not null default now(),
  staff_id integer references staff (id),
  action   text not null,
  case_id  bigint,
  detail   jsonb not null default '{}'
);
create index audit_log_at on audit_log (at);
