"""Runs the functions of a module that begin with test_, and prints a line for each.

The lines are read by tests/run: "ok NAME", "not ok NAME", "skip NAME: why".
"""

import signal
import sys
import time
import traceback


class Skip(Exception):
    """What is needed is truly absent."""


def end_when_told():
    """Whoever stops a test wants it to clean up behind itself: a SIGTERM ends it as an exception does."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))


def run(module_name, only=None):
    """Run all cases of a module; exit status 1 when one failed."""
    module = sys.modules[module_name]
    end_when_told()
    wanted = only or sys.argv[1:]
    unknown = [name for name in wanted if not callable(getattr(module, name, None))]
    if unknown:
        sys.exit("no such case: " + " ".join(unknown))
    failed = 0
    for name, case in list(vars(module).items()):
        if not name.startswith("test_") or not callable(case):
            continue
        if wanted and name not in wanted:
            continue
        began = time.monotonic()
        label = "%s %s" % (module.__file__.split("/tests/")[-1].removesuffix(".py"), name[5:])
        try:
            case()
        except Skip as why:
            print("skip %s: %s" % (label, why), flush=True)
        except Exception:  # every failure is reported, none stops the others
            failed += 1
            traceback.print_exc(file=sys.stdout)
            print("not ok %s" % label, flush=True)
        else:
            print("ok %s (%.1f s)" % (label, time.monotonic() - began), flush=True)
    sys.exit(1 if failed else 0)
