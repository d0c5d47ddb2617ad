"""PostgreSQL's own client library, which Postern links too: a question costs no process of psql's."""

import ctypes
import ctypes.util

_library = ctypes.CDLL(ctypes.util.find_library("pq") or "libpq.so.5")
CONNECTION_OK, COMMAND_OK, TUPLES_OK = 0, 1, 2  # libpq-fe.h


def _function(name, result, *arguments):
    function = getattr(_library, name)
    function.restype, function.argtypes = result, arguments
    return function


_TEXT, _POINTER, _NUMBER = ctypes.c_char_p, ctypes.c_void_p, ctypes.c_int
_connect = _function("PQconnectdb", _POINTER, _TEXT)
_status = _function("PQstatus", _NUMBER, _POINTER)
_connection_error = _function("PQerrorMessage", _TEXT, _POINTER)
_finish = _function("PQfinish", None, _POINTER)
_send = _function("PQsendQuery", _NUMBER, _POINTER, _TEXT)
_next_result = _function("PQgetResult", _POINTER, _POINTER)
_result_status = _function("PQresultStatus", _NUMBER, _POINTER)
_result_error = _function("PQresultErrorMessage", _TEXT, _POINTER)
_clear = _function("PQclear", None, _POINTER)
_rows = _function("PQntuples", _NUMBER, _POINTER)
_columns = _function("PQnfields", _NUMBER, _POINTER)
_value = _function("PQgetvalue", _TEXT, _POINTER, _NUMBER, _NUMBER)


class Connection:
    """One connection, for one thread at a time.  What fails is a RuntimeError with PostgreSQL's words."""

    def __init__(self, target):
        # Notices would only go to standard error, where nobody reads them.
        self._handle = _connect((target + " options='-c client_min_messages=error'").encode())
        if _status(self._handle) != CONNECTION_OK:
            why = _connection_error(self._handle).decode(errors="replace")
            self.close()
            raise RuntimeError(why)

    def query(self, sql):
        """Run statements; gives all their rows, as lists of texts.  NULL is "", and a row that is nothing
        but one "" is left out: `if query("select max(...) ...")` asks whether there was any."""
        if not _send(self._handle, sql.encode()):
            raise RuntimeError(_connection_error(self._handle).decode(errors="replace"))
        rows, failed = [], None
        while result := _next_result(self._handle):
            if _result_status(result) not in (COMMAND_OK, TUPLES_OK):
                failed = failed or _result_error(result).decode(errors="replace")
            columns = range(_columns(result))
            rows += [[_value(result, row, column).decode() for column in columns]
                     for row in range(_rows(result))]
            _clear(result)
        rows = [row for row in rows if row != [""]]
        if failed is not None:
            raise RuntimeError(failed)
        return rows

    def close(self):
        """Once is enough; more does no harm."""
        handle, self._handle = self._handle, None
        if handle:
            _finish(handle)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def __del__(self):
        self.close()
