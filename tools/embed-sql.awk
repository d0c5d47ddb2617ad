# Turns sql/ into one C file with the tables that store/sql.h declares.
#
#	awk -f tools/embed-sql.awk sql/migrations/*.sql sql/roles.sql sql/statements/*.sql
#
# A file of sql/migrations/ is one text, named by its number and title; a file of
# sql/statements/ holds many, each behind a line "-- name: some_name".  Lines that are
# only a comment stay behind.  Keeps to what mawk and gawk both know.

function fail(what) {
	printf "%s:%d: %s\n", FILENAME, FNR, what > "/dev/stderr"
	failed = 1
	exit 1
}

function quoted(line,    result, i, c) {
	result = ""
	for (i = 1; i <= length(line); i++) {
		c = substr(line, i, 1)
		# A question mark could begin a trigraph.
		if (c == "\\" || c == "\"" || c == "?")
			result = result "\\"
		else if (c == "\t")
			c = " "
		result = result c
	}
	return "\"" result "\\n\""
}

function add(line) {
	if (!into)
		fail("text before the first \"-- name:\"")
	if (kind == "migration")
		migration[migrations] = migration[migrations] "\n\t\t" quoted(line)
	else if (kind == "roles")
		roles = roles "\n\t" quoted(line)
	else
		statement[statements] = statement[statements] "\n\t\t" quoted(line)
}

FNR == 1 {
	into = 1
	if (FILENAME ~ /migrations\/[0-9][0-9][0-9][0-9]_[a-z0-9_]+\.sql$/) {
		kind = "migration"
		name = FILENAME
		sub(/^.*\//, "", name)
		sub(/\.sql$/, "", name)
		migrations++
		if (substr(name, 1, 4) + 0 != migrations)
			fail("migrations must be numbered without gaps")
		migration_name[migrations] = name
	} else if (FILENAME ~ /statements\/[a-z_]+\.sql$/) {
		kind = "statement"
		into = 0
	} else if (FILENAME ~ /roles\.sql$/) {
		kind = "roles"
	} else {
		fail("neither migration, roles nor statements")
	}
}

/^-- name: / {
	name = $3
	if (kind != "statement" || name !~ /^[a-z_]+$/ || NF != 3)
		fail("not the name of a statement")
	if (name in known)
		fail("a second statement " name)
	known[name] = 1
	into = 1
	statements++
	statement_name[statements] = name
	next
}

/^[ \t]*--/ || /^[ \t]*$/ {
	next
}

{
	add($0)
}

END {
	if (failed)
		exit 1
	print "/* Made by tools/embed-sql.awk from sql/; not to be changed by hand. */"
	print "#include \"store/sql.h\"\n"
	print "const struct sql_text sql_migrations[] = {"
	for (i = 1; i <= migrations; i++)
		printf "\t{\"%s\",%s},\n", migration_name[i], migration[i]
	printf "};\nconst size_t sql_migration_count = %d;\n\n", migrations
	printf "const char *const sql_roles =%s;\n\n", roles
	print "const struct sql_text sql_statements[] = {"
	for (i = 1; i <= statements; i++) {
		if (statement[i] == "") {
			printf "statement %s is empty\n", statement_name[i] > "/dev/stderr"
			exit 1
		}
		printf "\t{\"%s\",%s},\n", statement_name[i], statement[i]
	}
	printf "};\nconst size_t sql_statement_count = %d;\n", statements
}
