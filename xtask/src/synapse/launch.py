# Runs Synapse for as long as the process that started it lives. That one holds the other end of our standard
# input. A byte from there sets us free; the end of the file means that it is gone, however it ended.
import ctypes
import os
import shutil
import signal
import subprocess
import sys
import threading
import time

folder = sys.argv.pop(1)
data = None


def leave_with_owner():
    if os.read(0, 1) == b"":
        shutil.rmtree(folder, ignore_errors=True)
        if data:
            shutil.rmtree(data, ignore_errors=True)
        os._exit(0)


def database(job):
    # A PostgreSQL that ends when we do.
    import psycopg2

    libc = ctypes.CDLL(None)
    who = {"user": job["user"], "group": job["group"], "extra_groups": []} if job["user"] else {}
    program = lambda name: os.path.join(job["programs"], name)
    made = [program("initdb"), "-D", job["data"], "-U", "postgres", "-A", "trust", "--locale=C", "-E", "UTF8", "-N"]
    subprocess.run(made, check=True, cwd="/", stdin=subprocess.DEVNULL, **who)
    quick = ["-F", "-c", "full_page_writes=off", "-c", "synchronous_commit=off", "-c", "listen_addresses="]
    server = subprocess.Popen(
        [program("postgres"), "-D", job["data"], "-k", job["data"], *quick],
        cwd="/",
        stdin=subprocess.DEVNULL,
        # PR_SET_PDEATHSIG, set after the change of user, which would forget it.
        preexec_fn=lambda: libc.prctl(1, signal.SIGQUIT),
        **who,
    )
    while server.poll() is None:
        try:
            return psycopg2.connect(host=job["data"], user="postgres", dbname="postgres").close()
        except psycopg2.OperationalError:
            time.sleep(0.05)
    sys.exit("PostgreSQL ended")


threading.Thread(target=leave_with_owner, daemon=True).start()

if os.path.exists(os.path.join(folder, "postgres.json")):
    with open(os.path.join(folder, "postgres.json")) as file:
        job = json.load(file)
    data = job["data"]
    database(job)

neighbours(folder)

from synapse.app.homeserver import main

main()
