-- The words by which likely duplicates are found are counted in one place: the application writes them beside the title. Rows
-- of before keep those that PostgreSQL had counted, until their title changes.

alter table use_cases add column title_words text[] not null default '{}';
update use_cases set title_words = array(
  select word from unnest(tsvector_to_array(to_tsvector('simple', title))) as word limit 30);

create function likeness_keys(words text[], provider text, model_id text) returns setof text language sql immutable as $$
  select unnest(words)
  union all
  select concat(chr(10), lower(provider), chr(10), lower(model_id)) where provider is not null and model_id is not null
$$;

create or replace function keep_likeness() returns trigger language plpgsql as $$
begin
  delete from use_case_likeness where use_case_id = new.id;
  if new.state not in ('draft', 'withdrawn', 'duplicate') then
    insert into use_case_likeness (key, use_case_id)
    select distinct key, new.id from likeness_keys(new.title_words, new.provider, new.model_id) as key;
  end if;
  return null;
end
$$;
drop trigger keep_likeness_of_changed on use_cases;
create trigger keep_likeness_of_changed after update on use_cases for each row
  when ((new.title_words, new.provider, new.model_id, new.state in ('draft', 'withdrawn', 'duplicate'))
    is distinct from (old.title_words, old.provider, old.model_id, old.state in ('draft', 'withdrawn', 'duplicate')))
  execute function keep_likeness();
drop function likeness_keys(text, text, text);
