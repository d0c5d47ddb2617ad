-- What recipients write.  A draft is changed with its delivery's row locked, so that the bounds hold.

-- name: writing_insert
insert into writing (id, delivery_id, kind, key_wrap, sealed, written_at) values ($1, $2, $3, $4, $5, $6)

-- name: writing_drop_draft
delete from writing where delivery_id = $1 and kind = 1

-- name: writing_draft
select id, delivery_id, key_wrap, sealed, written_at from writing where delivery_id = $1 and kind = 1

-- name: writing_sent
select id, delivery_id, key_wrap, sealed, written_at from writing
where delivery_id = $1 and kind = 2
order by id desc limit $2

-- name: writing_add_file
insert into draft_file (id, delivery_id, bundle_id, bundle_size, chunk_count, key_wrap, size, sealed)
values ($1, $2, $3, $4, $5, $6, $7, $8)

-- name: writing_files
select id, bundle_id, bundle_size, chunk_count, key_wrap, size, sealed from draft_file
where delivery_id = $1
order by id

-- name: writing_files_total
select count(*), coalesce(sum(size), 0)::bigint from draft_file where delivery_id = $1

-- Its chunks are swept with those of uploads that came to nothing.
-- name: writing_drop_file
delete from draft_file where delivery_id = $1 and id = $2

-- name: writing_forget
with bundles as materialized (
	select distinct bundle_id from draft_file where delivery_id = $1
), gone as (
	delete from chunk using bundles where chunk.message_id = bundles.bundle_id
), unmarked as (
	delete from upload using bundles where upload.message_id = bundles.bundle_id
), files as (
	delete from draft_file where delivery_id = $1
)
delete from writing where delivery_id = $1
