-- Proof (P6): every act carries the hash of itself and of the act before it, every case the hash of its last act, and a log over
-- all acts whose heads are signed and published. gateway/core/proof.h says what is hashed; the functions here are the same forms
-- in SQL, for rows from before and for whoever wants to check by hand.

-- A text is its length in 4 bytes and its bytes in UTF-8; a missing one the length ffffffff.
create function proof_text(t text) returns bytea language sql stable parallel safe as
$$ select case when t is null then '\xffffffff'::bytea else int4send(octet_length(t)) || convert_to(t, 'UTF8') end $$;
create function proof_micros(t timestamptz) returns bytea language sql stable parallel safe as
$$ select int8send((extract(epoch from t) * 1000000)::bigint) $$;

create function act_words(salt bytea, reason text, words text, data jsonb) returns bytea language sql stable parallel safe as
$$ select sha256('\x6d736420776f7264732076310a'::bytea || substr(salt, 17, 16) || proof_text(reason) || proof_text(words)
                 || proof_text(data::text)) $$;
comment on function act_words is 'sha256 of "msd words v1" and newline, second half of the salt, reason, words, data';

create function act_who(salt bytea, id bigint, staff_id integer, role text, unit_id integer, public boolean)
returns bytea language sql stable parallel safe as
$$ select sha256('\x6d73642077686f2076310a'::bytea || substr(salt, 1, 16) || int8send(id) || int8send(coalesce(staff_id, 0)::bigint)
                 || proof_text(role) || int8send(coalesce(unit_id, 0)::bigint) || case when public then '\x01'::bytea else '\x00' end) $$;
comment on function act_who is 'sha256 of "msd who v1" and newline, first half of the salt, act, person, post, unit, may the citizen read it';

create function act_hash(previous bytea, case_id bigint, version integer, at timestamptz, act text, actor text, from_state text,
                         to_state text, who bytea, words bytea) returns bytea language sql stable parallel safe as
$$ select sha256('\x6d7364206163742076310a'::bytea || coalesce(previous, decode(repeat('00', 32), 'hex')) || int8send(case_id)
                 || int8send(version::bigint) || proof_micros(at) || proof_text(act) || proof_text(actor) || proof_text(from_state)
                 || proof_text(to_state) || who || words) $$;
comment on function act_hash is 'sha256 of "msd act v1" and newline, the hash of the act before, what happened, who, words';

create function feedback_commitment(salt bytea, id bigint, received_at timestamptz, channel text, plaque text, nature_said text,
                                    rating integer, words text) returns bytea language sql stable parallel safe as
$$ select sha256('\x6d736420666565646261636b2076310a'::bytea || salt || int8send(id) || proof_micros(received_at) || proof_text(channel)
                 || proof_text(plaque) || proof_text(nature_said) || int8send(coalesce(rating, 0)::bigint) || proof_text(words)) $$;
comment on function feedback_commitment is 'sha256 of "msd feedback v1" and newline, salt, and what the citizen said; stands in the data of the act that received it';

alter table feedback add column salt bytea;
alter table acts add column salt bytea, add column words_commitment bytea, add column hash bytea;
alter table cases add column chain bytea;

-- Rows from before get their salts and hashes as they are found. History is open for this one transaction; the guards that
-- come back at the end of it let an erasure through and nothing else.
drop trigger history_is_fixed on feedback;
drop trigger history_is_fixed on acts;

create function random_salt() returns bytea language sql volatile as
$$ select sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())) $$;

update feedback set salt = substr(random_salt(), 1, 16);
do $$
declare
  a record;
  last_case bigint := 0;
  previous bytea;
  new_salt bytea;
  new_data jsonb;
  new_words bytea;
begin
  for a in
    select x.*, f.id as feedback_id, case when f.id is not null then
           feedback_commitment(f.salt, f.id, f.received_at, f.channel, f.plaque, f.nature_said, f.rating::integer, f.words) end as said
    from acts x left join feedback f on f.case_id = x.case_id and x.act = 'receive' order by x.case_id, x.version
  loop
    if a.case_id <> last_case then
      if previous is not null then update cases set chain = previous where id = last_case; end if;
      last_case := a.case_id;
      previous := null;
    end if;
    new_salt := random_salt();
    new_data := case when a.said is null then a.data
                     else jsonb_build_object('feedback', a.feedback_id, 'commitment', encode(a.said, 'hex')) end;
    new_words := act_words(new_salt, a.reason, a.words, new_data);
    previous := act_hash(previous, a.case_id, a.version, a.at, a.act, a.actor, a.from_state, a.to_state,
                         act_who(new_salt, a.id, a.staff_id, a.role, a.unit_id, a.public), new_words);
    update acts set salt = new_salt, data = new_data, words_commitment = new_words, hash = previous where id = a.id;
  end loop;
  if previous is not null then update cases set chain = previous where id = last_case; end if;
end $$;
drop function random_salt;

alter table feedback
  alter column salt set not null,
  add constraint feedback_salt check (length(salt) in (16, 0));          -- 0: erased
alter table acts
  alter column salt set not null,
  alter column words_commitment set not null,
  alter column hash set not null,
  add constraint acts_salt check (length(salt) in (32, 16)),             -- 16: erased
  add constraint acts_words_commitment check (length(words_commitment) = 32),
  add constraint acts_hash_length check (length(hash) = 32);
alter table cases
  alter column chain set not null,
  add constraint cases_chain check (length(chain) = 32);
grant update (chain) on cases to mashangdu_staff;

-- What was erased by rule, and on which ground. The row comes first: without it nothing can be erased.
create table erasures (
  id          bigint primary key generated always as identity,
  at          timestamptz not null default now(),
  feedback_id bigint unique references feedback (id),
  act_id      bigint unique references acts (id),
  basis       text not null check (length(basis) between 2 and 500),
  by          text not null check (length(by) between 1 and 100),
  check (num_nonnulls(feedback_id, act_id) = 1)
);
grant select on erasures to mashangdu_gateway;

-- The one change that history knows: texts go, everything that the chain needs stays. Only whoever owns the table can do it.
create function history_or_erasure() returns trigger language plpgsql as $$
declare
  rightful boolean := pg_has_role(current_user, (select c.relowner from pg_class c where c.oid = tg_relid), 'member');
begin
  if tg_table_name = 'acts' then
    rightful := rightful and old.act <> 'receive' and length(old.salt) = 32
                and exists (select from public.erasures e where e.act_id = old.id);
    old.reason := null;
    old.words := null;
    old.data := '{}';
    old.salt := substr(old.salt, 1, 16);
  else
    rightful := rightful and length(old.salt) = 16 and exists (select from public.erasures e where e.feedback_id = old.id);
    old.words := '';
    old.clean := '';
    old.masked := '';
    old.contact := null;
    old.decision := old.decision || '{"because": []}';                   -- its reasons quote the words
    old.salt := '';
  end if;
  if not rightful or new is distinct from old then
    raise exception '% is append-only', tg_table_name using errcode = 'MSD20';
  end if;
  return new;
end $$;
create trigger history_or_erasure before update on feedback for each row execute function history_or_erasure();
create trigger history_or_erasure before update on acts for each row execute function history_or_erasure();
create trigger history_is_fixed before delete or truncate on feedback for each statement execute function history_is_fixed();
create trigger history_is_fixed before delete or truncate on acts for each statement execute function history_is_fixed();
create trigger history_is_fixed before update or delete or truncate on erasures for each statement execute function history_is_fixed();

-- The log: an RFC 6962 tree over all acts in the order in which they became visible. A leaf's data is the act's hash, so the
-- hash of the leaf in the tree is SHA-256(0x00 || hash). No foreign key: locking every act once more would cost as much as
-- writing it, and `mashangdu verify` finds an act that is gone.
create table log_leaves (
  index  bigint primary key check (index >= 0),
  act_id bigint not null unique,
  hash   bytea not null check (length(hash) = 32)     -- the act's
);
create index log_leaves_hash on log_leaves (hash);    -- here and not on acts: intake need not wait for it
-- Roots of complete subtrees: (level, index) stands over the leaves from index * 2^level on. They never change.
create table log_nodes (
  level smallint check (level between 1 and 47),
  index bigint check (index >= 0),
  hash  bytea not null check (length(hash) = 32),
  primary key (level, index)
);
create table log_heads (
  size       bigint primary key check (size >= 0),
  root       bytea not null check (length(root) = 32),
  at         timestamptz not null,
  daily      date unique,                             -- the day in China whose head it is; null: between
  public_key bytea not null check (length(public_key) = 32),
  signature  bytea not null check (length(signature) = 64)
);
create table log_keys (
  public_key bytea primary key check (length(public_key) = 32),
  since      timestamptz not null
);
-- Up to which event all acts are in the log.
create table log_mark (
  one       boolean primary key default true check (one),
  event_seq bigint not null check (event_seq >= 0)
);
insert into log_mark values (true, 0);
grant select, insert on log_leaves, log_nodes, log_heads, log_keys to mashangdu_gateway;
grant select, update (event_seq) on log_mark to mashangdu_gateway;
create trigger history_is_fixed before update or delete or truncate on log_leaves for each statement execute function history_is_fixed();
create trigger history_is_fixed before update or delete or truncate on log_nodes for each statement execute function history_is_fixed();
create trigger history_is_fixed before update or delete or truncate on log_heads for each statement execute function history_is_fixed();
create trigger history_is_fixed before update or delete or truncate on log_keys for each statement execute function history_is_fixed();
