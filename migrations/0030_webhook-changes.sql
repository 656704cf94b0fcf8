-- An endpoint can be told of other facts and get another address; and one that asks for a pause gets it.

alter table webhooks add column description text check (char_length(description) between 1 and 200);
alter table webhooks add column rests_until timestamptz;
grant update (kinds, private_cidrs, description, rests_until) on webhooks to countersign_app;
