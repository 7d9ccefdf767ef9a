"""Runs a command and says what the operating system charged for it: seconds on the clock, seconds of processor, peak memory.

Called by its path as `python -I -S weigh.py OUTPUT COMMAND…`, it imports next to nothing: a process's peak memory counts that
of whoever started it, so the one who starts has to be smaller than anything that is weighed.
"""

import os
import sys
import time

began = time.monotonic()
process = os.posix_spawnp(
    sys.argv[2],
    sys.argv[2:],
    os.environ,
    file_actions=[(os.POSIX_SPAWN_OPEN, 1, sys.argv[1], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)],
)
_, status, used = os.wait4(process, 0)
wall = time.monotonic() - began
code = os.waitstatus_to_exitcode(status)
sys.stdout.write(
    f'{{"code": {code}, "wall": {wall:.6f}, "processor": {used.ru_utime + used.ru_stime:.6f}, "peak": {used.ru_maxrss * 1024}}}'
)
