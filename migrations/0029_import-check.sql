-- A check that was interrupted goes on where it was, as long as the same policies judge; and a row says of which use case
-- it is before there is one.

alter table imports add column check_basis text;
alter table import_rows add column title text;
