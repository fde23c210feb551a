-- Feedback, cases, acts, events, outbox.
-- Ids of feedback, cases, acts and outbox rows are made by the gateway: a block number from id_blocks times 65536
-- plus a counter, so that a batch can be written in one go with all its references.

create sequence id_blocks start 1;

-- What one citizen said once. Never changed after it is stored.
create table feedback (
  id           bigint primary key,
  received_at  timestamptz not null,
  channel      text not null check (channel in ('plaque', 'live', 'sms', 'web', 'phone', 'window', 'meeting', 'monitor', 'open311',
                                                'email', 'import')),
  provider     text not null default '',
  external_id  text not null default '',
  dedupe_key   text not null check (length(dedupe_key) between 1 and 200),
  dedupe_body  bytea not null check (length(dedupe_body) = 32),  -- keyed digest of the content, to tell a repeat from a reused key
  receipt_hash bytea not null unique check (length(receipt_hash) = 32),
  plaque       text references plaques (number),
  nature_said  text check (nature_said in ('rate', 'supervise', 'report', 'complain', 'appeal', 'ask', 'suggest')),
  rating       smallint check (rating between 1 and 5),
  words        text not null,          -- exactly as received
  clean        text not null,          -- for matching and search
  masked       text not null,          -- what units see
  contact      bytea,                  -- sealed telephone number the citizen left or wrote from
  sent_at      timestamptz,
  case_id      bigint,                 -- the case it opened; null for a plain rating
  decision     jsonb not null,         -- what the router decided, with its reasons
  constraint feedback_once unique (channel, provider, dedupe_key)
);
create index feedback_case on feedback (case_id);
create index feedback_received on feedback (received_at);

-- The latest picture of what is done about it; the acts are the truth.
create table cases (
  id            bigint primary key,
  version       integer not null default 1,
  state         text not null check (state in ('discovered', 'assigned', 'handling', 'replied', 'verifying', 'closed', 'declined',
                                               'merged')),
  nature        text not null check (nature in ('rate', 'supervise', 'report', 'complain', 'appeal', 'ask', 'suggest')),
  category      text not null references categories (code),
  level         smallint not null check (level between 0 and 4),
  urgency       text not null check (urgency in ('特急', '紧急', '一般', '平缓')),
  unit_id       integer not null references units (id),     -- who handles it now
  about_unit_id integer references units (id),              -- who is complained of
  plaque_unit_id integer references units (id),
  channel       text not null,
  limit_amount  integer not null check (limit_amount > 0),   -- handling limit: minutes (L1, L2) or working days
  flags         text[] not null default '{}' check (flags <@ array['paused', 'pause_asked', 'supervised', 'return_asked',
                  'extension_asked', 'ruled', 'extended', 'endorsed', 'answered', 'tried_twice', 'confidential', 'transferred']),
  -- 举报 and matters of discipline: 追责问责组 and the handling unit alone
  confidential  boolean not null generated always as ('confidential' = any (flags)) stored,
  held          boolean not null default false,  -- an allegation under another name: a person looks before any unit does
  triage        boolean not null default false,  -- the router was not sure
  round         smallint not null default 1 check (round >= 1),
  rung          smallint not null default 0 check (rung between 0 and 7),
  ending        text not null default 'none' check (ending in ('none', 'solved', 'silence', 'transferred')),
  handler_id    integer references staff (id),    -- who wrote the answer on file
  asker_id      integer references staff (id),    -- whose request waits for an answer
  asked_amount  integer not null default 0,
  pause_cause   text not null default 'none' check (pause_cause in ('none', 'supplement', 'appraisal', 'hearing')),
  pause_until   timestamptz,
  held_since    timestamptz,                     -- when the handling clock last stopped
  callback_tries smallint not null default 0 check (callback_tries between 0 and 3),
  callback_day  bigint not null default 0,       -- day number in China of the last try
  merged_from   text,
  merged_into   bigint references cases (id),
  opened_at     timestamptz not null,
  assigned_at   timestamptz,
  signed_at     timestamptz,
  replied_at    timestamptz,
  closed_at     timestamptz,
  handling_due  timestamptz,          -- of the handling clock, through all rounds, pauses and extensions
  due_at        timestamptz,          -- what is owed next, by whichever clock runs now
  due_clock     text check (due_clock in ('accept', 'sign', 'handling', 'review', 'callback')),
  check ((state = 'merged') = (merged_into is not null)),
  -- No path reaches 销号 without an answer to the finder (DESIGN §8; transfer-out tells the finder by its own notice).
  constraint cases_closed_answered check (state <> 'closed' or flags && array['answered', 'transferred']),
  check ((state = 'closed') = (closed_at is not null)),
  check (merged_into is distinct from id),
  -- P4: whoever is reported never handles the report.
  constraint cases_never_reported_unit check (nature <> 'report' or about_unit_id is null or about_unit_id <> unit_id)
);
-- Units that work on it beside the leading one (会办), and persons a confidential case was shared with by name.
create table case_units (
  case_id bigint not null references cases (id),
  unit_id integer not null references units (id),
  primary key (case_id, unit_id)
);
create table case_shares (
  case_id  bigint not null references cases (id),
  staff_id integer not null references staff (id),
  primary key (case_id, staff_id)
);
create index cases_state on cases (state, opened_at desc);
create index cases_unit on cases (unit_id, state, opened_at desc);
create index cases_opened on cases (opened_at desc, id desc);

alter table feedback add constraint feedback_case_fk foreign key (case_id) references cases (id);

-- One step on a case. Append-only.
create table acts (
  id       bigint primary key,
  case_id  bigint not null references cases (id),
  version  integer not null check (version >= 1),    -- the case's version after the act
  at       timestamptz not null,
  act      text not null,
  actor    text not null check (actor in ('gateway', 'router', 'clock', 'staff', 'citizen')),
  staff_id integer references staff (id),
  role     text,                                     -- the post that acted
  from_state text,
  to_state text not null,
  unit_id  integer references units (id),
  reason   text,
  words    text,                                     -- answer, question, remark
  public   boolean not null default false,           -- the citizen sees `words`
  data     jsonb not null default '{}',
  constraint acts_version unique (case_id, version),
  check ((actor = 'staff') = (staff_id is not null))
);

-- What happened, in commit order: seq is taken under the lock of event_head as the last thing of a transaction,
-- so a number that is visible has all lower numbers visible before it and none is ever missing.
create table event_head (
  one  boolean primary key default true check (one),
  last bigint not null
);
insert into event_head values (true, 0);

create table events (
  seq     bigint primary key,
  at      timestamptz not null,
  kind    text not null check (kind ~ '^[a-z]+\.[a-z_]+$'),
  case_id bigint,
  unit_id integer,               -- the unit that may see it; null: none (not yet assigned, or held)
  hidden_unit_id integer,        -- whose people must never see it (the unit a report names)
  confidential boolean not null, -- 追责问责组 and the handling unit alone
  data    jsonb not null default '{}'      -- never words, names, numbers of citizens
);

create function events_told() returns trigger language plpgsql as $$
begin
  perform pg_notify('msd_events', '');
  return null;
end $$;
create trigger events_told after insert on events for each statement execute function events_told();

-- Messages owed to the outside. text is sealed and emptied once its fate is final.
create table outbox (
  id           bigint primary key,
  created_at   timestamptz not null,
  channel      text not null,                 -- name of the configured channel
  recipient    bytea not null,                -- sealed
  body         bytea,                         -- sealed; null when done with
  dedupe_key   text not null unique,
  feedback_id  bigint,
  case_id      bigint,
  state        text not null default 'due' check (state in ('due', 'claimed', 'sent', 'delivered', 'failed', 'unknown', 'dead')),
  due_at       timestamptz not null,
  claimed_until timestamptz,
  tries        smallint not null default 0,
  provider_id  text,
  last_error   text,
  changed_at   timestamptz not null default now()
);
create index outbox_due on outbox (due_at) where state in ('due', 'claimed');
create index outbox_provider on outbox (channel, provider_id) where provider_id is not null;

-- Configured doors to providers. settings and the key are sealed or hashed with the gateway's master key.
create table channels (
  name      text primary key check (name ~ '^[a-z][a-z0-9-]{1,39}$'),
  type      text not null,
  key_hash  bytea not null check (length(key_hash) = 32),
  settings  bytea not null,
  active    boolean not null default true,
  created_at timestamptz not null default now()
);
create trigger register_changed after insert or update or delete or truncate on channels for each statement execute function register_changed();
