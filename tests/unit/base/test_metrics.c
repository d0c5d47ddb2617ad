/* base/metrics: what is counted, and how it is written. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/metrics.h"

static const char *const colours[] = {"red", "gre\"en", "back\\slash", "two\nlines", NULL};
static const char *const sizes[] = {"small", "large", NULL};
static const int64_t bounds[] = {5, 250, 60000, 0};

enum { PLAIN, COLOUR, BOTH, TIME };

static struct metric table[] = {
    [PLAIN] = {.name = "test_plain_total",
	       .help = "One\\two\nthree \"four\".",
	       .kind = METRIC_COUNTER},
    [COLOUR] = {.name = "test_colours",
		.help = "Colours.",
		.kind = METRIC_GAUGE,
		.labels = {"colour"},
		.values = {colours}},
    [BOTH] = {.name = "test_both",
	      .help = "Both.",
	      .kind = METRIC_GAUGE,
	      .labels = {"size", "colour"},
	      .values = {sizes, colours}},
    [TIME] = {.name = "test_time_seconds",
	      .help = "Time.",
	      .kind = METRIC_HISTOGRAM,
	      .bounds = bounds},
    {.name = NULL},
};

static int
forget(void **state)
{
	(void)state;
	for (struct metric *metric = table; metric->name != NULL; metric++)
		for (size_t i = 0; i < METRIC_CELLS; i++)
			metric->cells[i] = 0;
	return 0;
}

static void
assert_written(const char *expected)
{
	struct text out;

	text_init(&out, 65536);
	metrics_write(table, &out);
	assert_true(text_ok(&out));
	if (strstr(text_string(&out), expected) == NULL)
		fail_msg("%s lacks %s", text_string(&out), expected);
	text_clear(&out);
}

static void
plain_counter_with_help_and_type(void **state)
{
	(void)state;
	metric_add(&table[PLAIN], 0, 1);
	metric_add(&table[PLAIN], 0, INT64_C(5000000000));
	assert_written("# HELP test_plain_total One\\\\two\\nthree \"four\".\n"
		       "# TYPE test_plain_total counter\n"
		       "test_plain_total 5000000001\n");
}

static void
label_values_are_escaped_and_all_are_there(void **state)
{
	(void)state;
	metric_add(&table[COLOUR], 1, 3);
	metric_add(&table[COLOUR], 1, -1);
	metric_set(&table[COLOUR], 3, 0, -7);
	assert_int_equal(metric_get(&table[COLOUR], 1, 0), 2);
	assert_written("# TYPE test_colours gauge\n"
		       "test_colours{colour=\"red\"} 0\n"
		       "test_colours{colour=\"gre\\\"en\"} 2\n"
		       "test_colours{colour=\"back\\\\slash\"} 0\n"
		       "test_colours{colour=\"two\\nlines\"} -7\n");
}

static void
two_labels_have_a_cell_for_each_pair(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2; i++)
		for (size_t j = 0; j < 4; j++)
			metric_set(&table[BOTH], i, j, (int64_t)(10 * i + j));
	assert_written("test_both{size=\"small\",colour=\"back\\\\slash\"} 2\n");
	assert_written("test_both{size=\"large\",colour=\"red\"} 10\n");
	assert_written("test_both{size=\"large\",colour=\"two\\nlines\"} 13\n");
}

static void
buckets_add_up_and_a_bound_belongs_to_its_bucket(void **state)
{
	static const int64_t events[] = {-3, 0, 5, 6, 250, 251, 60000, 60001, 1000000};

	(void)state;
	for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++)
		metric_observe(&table[TIME], events[i]);
	assert_written("# TYPE test_time_seconds histogram\n"
		       "test_time_seconds_bucket{le=\"0.005\"} 3\n"
		       "test_time_seconds_bucket{le=\"0.250\"} 5\n"
		       "test_time_seconds_bucket{le=\"60.000\"} 7\n"
		       "test_time_seconds_bucket{le=\"+Inf\"} 9\n"
		       "test_time_seconds_sum 1120.513\n"
		       "test_time_seconds_count 9\n");
}

static void *
count_up(void *argument)
{
	(void)argument;
	for (int i = 0; i < 100000; i++) {
		metric_add(&table[COLOUR], 2, 1);
		metric_observe(&table[TIME], 1);
	}
	return NULL;
}

static void
threads_lose_nothing(void **state)
{
	pthread_t threads[4];

	(void)state;
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, count_up, NULL), 0);
	for (size_t i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(metric_get(&table[COLOUR], 2, 0), 400000);
	assert_written("test_time_seconds_count 400000\n");
	assert_written("test_time_seconds_sum 400.000\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(plain_counter_with_help_and_type, forget),
	    cmocka_unit_test_setup(label_values_are_escaped_and_all_are_there, forget),
	    cmocka_unit_test_setup(two_labels_have_a_cell_for_each_pair, forget),
	    cmocka_unit_test_setup(buckets_add_up_and_a_bound_belongs_to_its_bucket, forget),
	    cmocka_unit_test_setup(threads_lose_nothing, forget),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
