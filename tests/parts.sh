# Parts of a run beside each other, for tests/run and tests/corpus/run, which source this.
#
# They have set: work, a folder; and a function told NAME CODE LOG SECONDS, which is called in the
# script's own shell when a part ended.
#
# POSTERN_JOBS: how many parts at a time; by default as many as there are processors.

jobs=${POSTERN_JOBS:-$(nproc)}
parts_begun=0
parts_database= # the folder of their server
declare -A parts_running=() # process: number and name

# Run a command into its log; how it ended, and after how many seconds, goes to a file beside it.
parts_run() {
	local log=$1 start=$SECONDS code child
	shift
	timeout --kill-after=10 "${LIMIT:-900}" "$@" >"$log" 2>&1 </dev/null &
	child=$!
	trap 'kill "$child"' TERM
	# It is told to end, and then cleans up: that is waited for too.
	while wait "$child"; code=$?; [ "$code" -gt 128 ] && kill -0 "$child" 2>/dev/null; do
		:
	done
	echo "$code $((SECONDS - start))" >"$log.end"
}

# Wait for any one of them.  One that left no word of how it ended was killed, and what watched it too.
parts_wait() {
	local ended number name code=137 seconds=0
	wait -n -p ended "${!parts_running[@]}"
	read -r number name <<<"${parts_running[$ended]}"
	unset "parts_running[$ended]"
	[ ! -s "$work/log.$number.end" ] || read -r code seconds <"$work/log.$number.end"
	told "$name" "$code" "$work/log.$number" "$seconds"
}

# begin_part NAME COMMAND...: as soon as there is room for it; LIMIT: seconds that it may take.
begin_part() {
	local name=$1
	shift
	while [ "${#parts_running[@]}" -ge "$jobs" ]; do
		parts_wait
	done
	parts_begun=$((parts_begun + 1))
	parts_run "$work/log.$parts_begun" "$@" &
	parts_running[$!]="$parts_begun $name"
}

# Until none is left.
end_parts() {
	while [ "${#parts_running[@]}" -gt 0 ]; do
		parts_wait
	done
}

# One server of PostgreSQL for all of them, which their environment names.
parts_server() {
	read -r parts_database POSTERN_TEST_DATABASE <<<"$(/usr/bin/python3 -B tests/harness/database.py start $$)"
	export POSTERN_TEST_DATABASE
	[ -n "$parts_database" ]
}

# The end of all: the server goes, and whoever ends early takes the parts that run along.
parts_stop() {
	if [ "${#parts_running[@]}" -gt 0 ]; then
		kill "${!parts_running[@]}" 2>/dev/null
		wait "${!parts_running[@]}" 2>/dev/null
	fi
	if [ -n "$parts_database" ]; then
		tools/cluster.sh destroy "$parts_database"
		rmdir "$(dirname "$parts_database")"
	fi
}
