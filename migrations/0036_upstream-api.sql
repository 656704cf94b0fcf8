-- Which API an upstream speaks. Those of before spoke OpenAI's.
alter table upstreams add column api text not null default 'openai' check (api in ('openai', 'azure', 'anthropic'));
grant select (api) on upstreams to countersign_gateway;
