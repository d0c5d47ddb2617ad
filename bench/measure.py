"""CPU, memory, medians, and the table."""

import os
import pathlib
import re
import statistics

TICKS = os.sysconf("SC_CLK_TCK")


def _stat(pid):
    """Parent, and CPU ticks of a process with those of its children that have ended."""
    try:
        fields = pathlib.Path("/proc/%s/stat" % pid).read_text().rsplit(")", 1)[1].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return int(fields[1]), sum(int(field) for field in fields[11:15])


def tree(roots):
    """CPU ticks by process, of these processes and all their descendants."""
    parents, ticks = {}, {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            found = _stat(entry)
            if found is not None:
                parents[int(entry)], ticks[int(entry)] = found

    def belongs(pid):
        while pid > 1:
            if pid in roots:
                return True
            pid = parents.get(pid, 0)
        return False
    return {pid: count for pid, count in ticks.items() if belongs(pid)}


def cpu_seconds(roots):
    """CPU seconds so far.  What ends is added to its parent, so that nothing is lost."""
    return sum(tree(roots).values()) / TICKS


def peak_mb(pids):
    """The largest memory that any of these processes ever had."""
    peaks = []
    for pid in pids:
        status = pathlib.Path("/proc/%d/status" % pid).read_text()
        peaks.append(int(re.search(r"VmHWM:\s*(\d+)", status).group(1)) / 1024)
    return max(peaks)


class Result:
    """One row of the table: what was measured, beside what, and the goal for the ratio (None: only
    to know)."""

    def __init__(self, what, unit, ours, peers, peer, goal, less=False, cpu=None, peak=None,
                 ratio=None):
        self.what, self.unit, self.peer, self.goal, self.less = what, unit, peer, goal, less
        self.ours = statistics.median(ours)
        self.theirs = statistics.median(peers) if peers else None
        self.cpu, self.peak = cpu, peak
        self.ratio = ratio if ratio is not None else (
            self.ours / self.theirs if self.theirs else self.ours)

    def reached(self):
        """Is the goal met?"""
        if self.goal is None:
            return True
        return self.ratio <= self.goal if self.less else self.ratio >= self.goal

    def cells(self):
        """Texts for the columns."""
        def number(value):
            return "-" if value is None else "%.0f" % value if value >= 100 else "%.2f" % value

        def cpu(value):
            return "-" if value is None else "%.2f" % value
        ours, theirs = self.cpu or (None, None)
        goal, verdict = "-", ""
        if self.goal is not None:
            goal = ("<= " if self.less else ">= ") + "%g" % self.goal
            verdict = "reached" if self.reached() else "MISSED"
        return (self.what, self.unit, number(self.ours), number(self.theirs), self.peer,
                "%.2f" % self.ratio, goal, verdict, cpu(ours), cpu(theirs),
                "-" if self.peak is None else "%.0f" % self.peak)


HEADS = ("what", "unit", "Postern", "peer", "which", "ratio", "goal", "", "CPU ms", "peer's",
         "peak MB")


def show(results, skipped):
    """Print the table."""
    rows = [HEADS] + [result.cells() for result in results]
    widths = [max(len(row[i]) for row in rows) for i in range(len(HEADS))]
    for row in rows:
        print("  ".join(cell.ljust(width) if i in (0, 1, 4, 7) else cell.rjust(width)
                        for i, (cell, width) in enumerate(zip(row, widths))).rstrip())
    for line in skipped:
        print("skip " + line)
    missed = sum(not result.reached() for result in results)
    goals = sum(result.goal is not None for result in results)
    print("%d goals, %d missed, %d rows skipped; CPU ms: per message or request; peak MB: the largest "
          "daemon" % (goals, missed, len(skipped)))
