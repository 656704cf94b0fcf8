-- What a likely duplicate shares with a use case: a word of the title, or provider and model. A word that thousands of
-- titles have gives its newest rows without the others being read.

create table use_case_likeness (
  key text not null,
  use_case_id text not null references use_cases (id) on delete cascade,
  primary key (key, use_case_id)
);

-- At most 30 words, so that a long title does not become a long search.
create function likeness_keys(title text, provider text, model_id text) returns setof text language sql immutable as $$
  (select word from unnest(tsvector_to_array(to_tsvector('simple', title))) as word limit 30)
  union all
  select concat(chr(10), lower(provider), chr(10), lower(model_id)) where provider is not null and model_id is not null
$$;

create function keep_likeness() returns trigger language plpgsql as $$
begin
  delete from use_case_likeness where use_case_id = new.id;
  if new.state not in ('draft', 'withdrawn', 'duplicate') then
    insert into use_case_likeness (key, use_case_id)
    select key, new.id from likeness_keys(new.title, new.provider, new.model_id) as key;
  end if;
  return null;
end
$$;
create trigger keep_likeness_of_new after insert on use_cases for each row execute function keep_likeness();
create trigger keep_likeness_of_changed after update on use_cases for each row
  when ((new.title, new.provider, new.model_id, new.state in ('draft', 'withdrawn', 'duplicate'))
    is distinct from (old.title, old.provider, old.model_id, old.state in ('draft', 'withdrawn', 'duplicate')))
  execute function keep_likeness();

insert into use_case_likeness (key, use_case_id)
select key, u.id from use_cases u, likeness_keys(u.title, u.provider, u.model_id) as key
where u.state not in ('draft', 'withdrawn', 'duplicate');
create index use_case_likeness_use_case on use_case_likeness (use_case_id);

drop index use_cases_title, use_cases_model;

grant select, insert, delete on use_case_likeness to countersign_app;
