/* store/schema and sql/roles.sql: migrating, and what each role may do. */
#include <pthread.h>

#include "tests/unit/store/given.h"

static enum status
migrate(int *applied)
{
	char target[256];

	return schema_migrate(cluster_target(&given.cluster, "postern", target), applied);
}

static void *
migrate_in_thread(void *argument)
{
	int *applied = argument;

	return migrate(applied) == STATUS_OK ? argument : NULL;
}

static void
migrating_at_once_applies_each_migration_once(void **state)
{
	pthread_t threads[8];
	int applied[8];
	int sum = 0;

	(void)state;
	for (int i = 0; i < 8; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, migrate_in_thread, &applied[i]),
				 0);
	for (int i = 0; i < 8; i++) {
		void *done;

		pthread_join(threads[i], &done);
		assert_non_null(done);
		sum += applied[i];
	}
	assert_int_equal(sum, schema_version());
	assert_int_equal(cluster_number(&given.cluster, "select count(*) from schema_version"),
			 schema_version());
}

static void
migrating_again_changes_nothing(void **state)
{
	int applied = 99;

	(void)state;
	assert_ok(migrate(&applied));
	assert_int_equal(applied, 0);
}

static void
another_schema_is_a_conflict(void **state)
{
	struct store *store;
	char target[256];
	int applied = 99;

	(void)state;
	cluster_target(&given.cluster, "postern_courier", target);
	assert_ok(store_open(target, &store));
	cluster_number(&given.cluster, "insert into schema_version (version) values (9999)");
	/* A connection that is open goes on; one made anew does not, and does not speak of rows. */
	assert_ok(store_ping(store));
	cluster_number(&given.cluster, "select count(pg_terminate_backend(pid, 5000)) from "
				       "pg_stat_activity where usename = 'postern_courier' and "
				       "datname = current_database()");
	assert_int_equal(store_ping(store), STATUS_UNAVAILABLE);
	store_close(store);
	assert_int_equal(store_open(target, &store), STATUS_CONFLICT);
	assert_int_equal(migrate(&applied), STATUS_CONFLICT);
	assert_int_equal(applied, 99);
	cluster_number(&given.cluster, "delete from schema_version where version = 9999");
	assert_ok(store_open(target, &store));
	store_close(store);
	cluster_number(&given.cluster, "alter table schema_version rename to elsewhere");
	assert_int_equal(store_open(target, &store), STATUS_CONFLICT);
	cluster_number(&given.cluster, "alter table elsewhere rename to schema_version");
}

static void
a_right_that_was_added_by_hand_goes_with_the_next_migration(void **state)
{
	char found[6];
	char value[128];
	int applied;

	(void)state;
	cluster_number(&given.cluster,
		       "grant select (id), update (id) on message to postern_ingest");
	cluster_number(&given.cluster, "grant delete on message to postern_portal");
	cluster_number(&given.cluster, "grant select on message to public");
	assert_string_equal(
	    cluster_sql(&given.cluster, "postern_ingest", "select id from message", found, value),
	    "00000");
	assert_ok(migrate(&applied));
	assert_string_equal(
	    cluster_sql(&given.cluster, "postern_ingest", "select id from message", found, value),
	    "42501");
	assert_string_equal(cluster_sql(&given.cluster, "postern_ingest",
					"update message set id = id", found, value),
			    "42501");
	assert_string_equal(
	    cluster_sql(&given.cluster, "postern_portal", "delete from message", found, value),
	    "42501");
}

#define INGEST "postern_ingest"
#define PORTAL "postern_portal"
#define COURIER "postern_courier"
#define A_UUID "'00000000-0000-7000-8000-000000000000'"
#define A_MESSAGE                                                                                  \
	"insert into message (id, received_at, size, chunk_count, chunk, gateway_wrap, envelope"

/* That the programs' own statements are allowed, the other tests show: they run as these roles. */
static const struct {
	const char *role;
	const char *statement;
	bool allowed;
} rights[] = {
    {INGEST, "select version from schema_version", true},
    {INGEST, A_MESSAGE ") values (gen_random_uuid(), 1, 1, 1, '', '', '')", true},
    {INGEST, A_MESSAGE ", origin) values (gen_random_uuid(), 1, 1, 1, '', '', '', 2)", false},
    {INGEST, A_MESSAGE ", state) values (gen_random_uuid(), 1, 1, 1, '', '', '', 2)", false},
    {INGEST, A_MESSAGE ", parent_delivery) values (gen_random_uuid(), 1, 1, 1, '', '', '', null)",
     false},
    {INGEST, A_MESSAGE ") values (gen_random_uuid(), 1, 1, 1, '', '', '') returning chunk", false},
    {INGEST, "insert into chunk values (gen_random_uuid(), 0, '')", true},
    {INGEST, "insert into chunk values (gen_random_uuid(), 0, '') returning body", false},
    {INGEST, "insert into upload values (gen_random_uuid(), 1)", true},
    {INGEST, "select chunk from message", false},
    {INGEST, "select id from message", false},
    {INGEST, "select count(*) from message", false},
    {INGEST, "select body from chunk", false},
    {INGEST, "select * from upload", false},
    {INGEST, "select * from delivery", false},
    {INGEST, "select * from link", false},
    {INGEST, "select * from lock", false},
    {INGEST, "select * from template", false},
    {INGEST, "select * from outbox", false},
    {INGEST, "select * from session", false},
    {INGEST, "select * from throttle", false},
    {INGEST, "select * from taken", false},
    {INGEST, "select * from thread", false},
    {INGEST, "select * from sign_in", false},
    {INGEST, "select * from desk_session", false},
    {INGEST, "select * from factor_try", false},
    {INGEST, "select * from sheet", false},
    {INGEST, "select * from sheet_number", false},
    {INGEST, "select * from account_factor", false},
    {INGEST, "select * from recovery_code", false},
    {INGEST, "select * from mailbox", false},
    {INGEST, "select * from mailbox_message", false},
    {INGEST, "select * from mailbox_session", false},
    {INGEST, "select * from passkey", false},
    {INGEST, "select * from passkey_challenge", false},
    {INGEST, "select * from account_place", false},
    {INGEST, "select * from account_reset", false},
    {INGEST, "select * from give_up", false},
    {INGEST, "copy message to stdout", false},
    {INGEST, "update message set state = 2", false},
    {INGEST, "update message set chunk = null", false},
    {INGEST, "delete from message", false},
    {INGEST, "delete from chunk", false},
    {INGEST, "delete from upload", false},
    {INGEST, "truncate message", false},
    {INGEST, "insert into link values ('', " A_UUID ", 1, 1, 0, null, null)", false},
    {INGEST, "insert into delivery (id) values (" A_UUID ")", false},
    {INGEST, "insert into outbox (id) values (" A_UUID ")", false},
    {INGEST, "insert into lock (id) values (" A_UUID ")", false},
    {INGEST, "insert into schema_version (version) values (7)", false},
    {INGEST, "create table mine (x integer)", false},
    {INGEST, "create temporary table mine (x integer)", false},
    {INGEST, "create schema mine", false},
    {INGEST, "set role postern_courier", false},

    {PORTAL, "select chunk, manifest from message", true},
    {PORTAL, "select body from chunk", true},
    {PORTAL, "select * from outbox", false},
    {PORTAL, "select * from upload", false},
    {PORTAL, "update message set state = 3", false},
    {PORTAL, "update message set manifest = null", false},
    {PORTAL, "update delivery set state = 9", true},
    {PORTAL, "update delivery set recipient = ''", false},
    {PORTAL, "update delivery set temporary_public = ''", false},
    {PORTAL, "update delivery set message_id = null", false},
    {PORTAL, "update delivery set link_generation = 9", false},
    {PORTAL, "update delivery set expires_at = 9", true},
    {PORTAL, "update delivery set reason = ''", false},
    {PORTAL, "update delivery set route = 1", false},
    {PORTAL, "update delivery set link_letter = null", false},
    {PORTAL, "update delivery set cleared = true", false},
    {PORTAL, "update delivery set relay_status = ''", false},
    {PORTAL, "update link set ended = 1", false},
    {PORTAL, "update lock set clue = ''", false},
    {PORTAL, "update outbox set state = 2", false},
    {PORTAL, "update template set owner_index = ''", false},
    {PORTAL, "update session set sealed = ''", false},
    {PORTAL, "insert into delivery (id) values (" A_UUID ")", false},
    {PORTAL, "insert into link values ('', " A_UUID ", 1, 1, 0, null, null)", false},
    {PORTAL, A_MESSAGE ", state) values (gen_random_uuid(), 1, 1, 1, '', '', '', 2)", false},
    {PORTAL, A_MESSAGE ", manifest) values (gen_random_uuid(), 1, 1, 1, '', '', '', '')", false},
    {PORTAL, "delete from session", true},
    {PORTAL, "delete from message", false},
    {PORTAL, "delete from chunk", false},
    {PORTAL, "delete from upload", false},
    {PORTAL, "delete from delivery", false},
    {PORTAL, "delete from link", false},
    {PORTAL, "delete from lock", true},
    {PORTAL, "delete from template", true},
    {PORTAL, "delete from taken", false},
    {PORTAL, "select * from thread", false},
    {PORTAL, "insert into thread values ('', 1)", false},
    {PORTAL, "update sign_in set code_wrap = ''", false},
    {PORTAL, "update factor_try set sealed = ''", false},
    {PORTAL, "update account_factor set secret = ''", false},
    {PORTAL, "update account_factor set owner_index = ''", false},
    {PORTAL, "update recovery_code set hash = ''", false},
    {PORTAL, "update mailbox set public = ''", false},
    {PORTAL, "update mailbox set address_index = ''", false},
    {PORTAL, "update mailbox_message set key_wrap = ''", false},
    {PORTAL, "update mailbox_session set sealed = ''", true},
    {PORTAL, "update mailbox_session set mailbox_id = id", false},
    {PORTAL, "update passkey set public_key = ''", false},
    {PORTAL, "update passkey set owner_index = ''", false},
    {PORTAL, "update passkey_challenge set holder = ''", false},
    {PORTAL, "select * from account_event", false},
    {PORTAL, "select * from account", false},
    {PORTAL, "update account set since = 1", false},
    {PORTAL, "delete from account", true},
    {PORTAL, "update account_place set hash = ''", false},
    {PORTAL, "insert into account_reset (id, ended_by) values (" A_UUID ", '')", false},
    {PORTAL, "update account_reset set begun_by = ''", false},
    {PORTAL, "update account_reset set lapses_at = 0", false},
    {PORTAL, "update account_reset set link_hash = ''", false},
    {PORTAL, "delete from account_reset", true},
    {PORTAL, "insert into give_up (id, state) values (" A_UUID ", 3)", false},
    {PORTAL, "insert into give_up (id, begun_by) values (" A_UUID ", '')", false},
    {PORTAL, "update give_up set begun_by = ''", false},
    {PORTAL, "update give_up set link_hash = ''", false},
    {PORTAL, "update give_up set address = ''", false},
    {PORTAL, "delete from give_up", true},
    {PORTAL, "update delivery set lost_at = 1", false},
    {PORTAL, "update factor_try set code_wrap = ''", false},
    {PORTAL, "delete from factor_try", true},
    {PORTAL, "delete from sheet", true},
    {PORTAL, "delete from sheet_number", false},
    {PORTAL, "update sheet set created_at = 0", false},
    {PORTAL, "update sheet_number set public = ''", false},
    {PORTAL, "update factor_try set number = 1", false},
    {PORTAL, "update desk_session set address_index = ''", false},
    {PORTAL, "update desk_session set place = ''", false},
    {PORTAL, "delete from outbox", false},
    {PORTAL, "delete from throttle", false},
    {PORTAL, "update schema_version set version = 7", false},
    {PORTAL, "create table mine (x integer)", false},
    {PORTAL, "set role postern_courier", false},

    {COURIER, "select * from message", true},
    {COURIER, "select * from outbox", true},
    {COURIER, A_MESSAGE ") values (gen_random_uuid(), 1, 1, 1, '', '', '')", false},
    {COURIER, "insert into chunk values (gen_random_uuid(), 0, '')", false},
    {COURIER,
     "insert into lock values (gen_random_uuid(), '', decode(repeat('00', 16), 'hex'), 1, 1, 3,"
     " '', 1)",
     true},
    {COURIER, "insert into session (token_hash) values ('')", false},
    {COURIER, "update message set received_at = 1", false},
    {COURIER, "update message set origin = 2", false},
    {COURIER, "update chunk set body = ''", false},
    {COURIER, "update delivery set recipient = ''", false},
    {COURIER, "update delivery set opened_at = 1", false},
    {COURIER, "update link set hash = ''", false},
    {COURIER, "update lock set clue = ''", false},
    {COURIER, "update session set sealed = ''", false},
    {COURIER, "delete from chunk", true},
    {COURIER, "delete from upload", true},
    {COURIER, "delete from message", false},
    {COURIER, "delete from delivery", false},
    {COURIER, "delete from link", false},
    {COURIER, "delete from lock", true},
    {COURIER, "insert into desk_session (id) values (" A_UUID ")", false},
    {COURIER, "insert into sign_in (id) values (" A_UUID ")", false},
    {COURIER, "insert into taken values (" A_UUID ", 1, null, 1)", false},
    {COURIER, "update sign_in set code_hash = ''", false},
    {COURIER, "insert into factor_try (id) values (" A_UUID ")", false},
    {COURIER, "update factor_try set tries = 0", false},
    {COURIER, "insert into sheet values (" A_UUID ", '', '', 1)", false},
    {COURIER, "update sheet_number set used_at = null", true},
    {COURIER, "update sheet_number set public = ''", false},
    {COURIER, "insert into sheet_number (sheet_id) values (" A_UUID ")", false},
    {COURIER, "insert into recovery_code values ('', '', 1)", false},
    {COURIER, "insert into mailbox (id) values (" A_UUID ")", false},
    {COURIER, "update mailbox set public = ''", false},
    {COURIER, "update mailbox set lock_id = id", false},
    {COURIER, "delete from mailbox", true},
    {COURIER, "insert into give_up (id) values (" A_UUID ")", false},
    {COURIER, "update give_up set ready_at = 0", false},
    {COURIER, "update give_up set owner_index = ''", false},
    {COURIER, "update give_up set begun_by = ''", false},
    {COURIER, "update mailbox_message set key_wrap = ''", false},
    {COURIER, "insert into mailbox_session (id) values (" A_UUID ")", false},
    {COURIER, "update passkey set counter = 0", false},
    {COURIER, "insert into passkey_challenge values ('', '', 1)", false},
    {COURIER, "update account_factor set last_step = 0", false},
    {COURIER, "insert into account_event (id) values (" A_UUID ")", false},
    {COURIER, "insert into account_reset (id) values (" A_UUID ")", false},
    {COURIER, "update account_reset set ready_at = 0", false},
    {COURIER, "select since from account", false},
    {COURIER, "update account_place set used_at = 1", false},
    {COURIER, "delete from template", false},
    {COURIER, "delete from outbox", false},
    {COURIER, "delete from schema_version", false},
    {COURIER, "create table mine (x integer)", false},
    {COURIER, "set role postern", false},
};

static void
roles_may_do_what_the_table_says(void **state)
{
	int wrong = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(rights) / sizeof(rights[0]); i++) {
		const char *expected = rights[i].allowed ? "00000" : "42501";
		char found[6];
		char value[128];

		cluster_sql(&given.cluster, rights[i].role, rights[i].statement, found, value);
		if (strcmp(found, expected) != 0) {
			print_error("%s, not %s: %s: %s\n", found, expected, rights[i].role,
				    rights[i].statement);
			wrong++;
		}
	}
	assert_int_equal(wrong, 0);
}

/* Rights that nobody thought of: none of the roles is in another or may do more than log in. */
static void
roles_are_nothing_else(void **state)
{
	(void)state;
	assert_int_equal(
	    cluster_number(&given.cluster,
			   "select count(*) from pg_roles where rolname in "
			   "('postern_ingest', 'postern_portal', 'postern_courier') and "
			   "rolcanlogin and not rolsuper and not rolcreaterole and not "
			   "rolcreatedb and not rolreplication and not rolbypassrls"),
	    3);
	assert_int_equal(cluster_number(&given.cluster,
					"select count(*) from pg_auth_members m join pg_roles r on "
					"r.oid = m.member where r.rolname like 'postern_%'"),
			 0);
	assert_int_equal(
	    cluster_number(&given.cluster,
			   "select count(*) from information_schema.table_privileges "
			   "where grantee = 'postern_ingest' and not (privilege_type = "
			   "'INSERT' and table_name in ('chunk', 'upload')) and not "
			   "(privilege_type = 'SELECT' and table_name = "
			   "'schema_version')"),
	    0);
}

static int
schema_start(void **state)
{
	(void)state;
	log_open("test", LOG_LEVEL_ERROR);
	cluster_start(&given.cluster);
	return 0;
}

static int
schema_end(void **state)
{
	(void)state;
	cluster_end(&given.cluster);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    /* First: it finds the database empty. */
	    cmocka_unit_test(migrating_at_once_applies_each_migration_once),
	    cmocka_unit_test(migrating_again_changes_nothing),
	    cmocka_unit_test(another_schema_is_a_conflict),
	    cmocka_unit_test(a_right_that_was_added_by_hand_goes_with_the_next_migration),
	    cmocka_unit_test(roles_may_do_what_the_table_says),
	    cmocka_unit_test(roles_are_nothing_else),
	};

	return cmocka_run_group_tests(tests, schema_start, schema_end);
}
