"""What the rules about the machine find and let pass."""

# ruleid: another-program-is-run
import subprocess

# ruleid: words-that-become-a-program
import pickle

# ok: another-program-is-run
import sys


def run(line, app, log, visit, moment):
    # ruleid: another-program-is-run
    os.system(line)
    # ruleid: another-program-is-run
    start(line, shell=True)
    # ok: another-program-is-run
    os.replace(line, line)
    # ruleid: words-that-become-a-program
    eval(line)
    # ruleid: words-that-become-a-program
    yaml.load(line)
    # ok: words-that-become-a-program
    ast.literal_eval(line)
    # ok: words-that-become-a-program
    yaml.safe_load(line)
    # ruleid: debugger-for-everybody
    app.run(debug=True)
    # ok: debugger-for-everybody
    app.run(debug=False)
    # ruleid: clock-without-a-zone
    datetime.now()
    # ruleid: clock-without-a-zone
    datetime.utcnow()
    # ruleid: clock-without-a-zone
    date.today()
    # ruleid: clock-without-a-zone
    datetime.fromtimestamp(moment)
    # ok: clock-without-a-zone
    datetime.fromtimestamp(moment, tz=UTC)
    # ok: clock-without-a-zone
    datetime.now(UTC)
    # ruleid: secret-in-a-log
    log.warning("Signed in with %s", visit.token)
    # ruleid: secret-in-a-log
    logging.info(f"The code was {visit.code}")
    # ok: secret-in-a-log
    log.warning("A token was used twice.")
    # ok: secret-in-a-log
    log.info("Signed in as %s", visit.person)
