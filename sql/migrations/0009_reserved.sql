-- Nothing: keeps the number of the migration that comes before the next one.
select 1;
