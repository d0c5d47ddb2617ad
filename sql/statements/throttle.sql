-- name: throttle_read
select failures, first_at, retry_at from throttle where key = $1

-- name: throttle_take
insert into throttle (key, failures, first_at, retry_at) values ($1, 1, $2, $4)
on conflict (key) do update set
	failures = case when throttle.first_at <= $3 or throttle.first_at > $2 then 1 else throttle.failures + 1 end,
	first_at = case when throttle.first_at <= $3 or throttle.first_at > $2 then $2 else throttle.first_at end,
	retry_at = $4
where throttle.first_at <= $3 or throttle.first_at > $2 or throttle.failures < $5

-- name: throttle_hold
select failures from throttle where key = $1 for update

-- name: throttle_give_back
update throttle set failures = failures - 1 where key = $1 and failures > 0 and first_at > $2

-- name: throttle_sweep
delete from throttle where first_at < $1
