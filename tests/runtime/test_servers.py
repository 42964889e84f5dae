"""The embedded servers under their supervisor: odd paths, crashes, and what is left afterwards."""

import json
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from pharmacrm.runtime.home import ROOT, Home

ASK = """
import json, os, psycopg2
from redis import Redis
from urllib.parse import urlsplit
from pharmacrm.settings import env
told = env.database(os.environ["DATABASE_URL"])
c = psycopg2.connect(dbname=told["NAME"], user=told["USER"], password=told["PASSWORD"], host=told["HOST"], port=told["PORT"])
q = c.cursor()
def one(sql):
    q.execute(sql)
    return q.fetchone()[0]
one("SELECT 1")
c.rollback()
c.autocommit = True
q.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
print(json.dumps({
    "user": one("SELECT current_user"),
    "super": one("SELECT rolsuper FROM pg_roles WHERE rolname = current_user"),
    "trigrams": one("SELECT cardinality(show_trgm('张伟'))"),
    "checksums": one("SHOW data_checksums"),
    "listen": one("SHOW listen_addresses"),
    "postmaster": int(one("SELECT pg_read_file('postmaster.pid')").split()[0]) if one("SELECT rolsuper FROM pg_roles WHERE rolname = current_user") else 0,
    "redis": Redis.from_url(env.redis_for_cache(os.environ["REDIS_URL"])).ping(),
    "socket": told["HOST"],
    "socket_mode": os.stat(told["HOST"]).st_mode & 0o777,
}))
"""


def _bare_environment(**more: str) -> dict[str, str]:
    """The environment of a user with nothing set: no LANG, no addresses of servers."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return {**kept, "PYTHONDONTWRITEBYTECODE": "", **more}


def _exec(home: Path, *command: str, user: str | None = None) -> subprocess.CompletedProcess[str]:
    identity = {}
    if user is not None:
        entry = pwd.getpwnam(user)
        identity = {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    return subprocess.run(
        [
            sys.executable,
            "-m",
            "pharmacrm.runtime",
            "exec",
            "--home",
            str(home),
            "--throwaway",
            "--",
            *command,
        ],
        cwd=ROOT,
        env=_bare_environment(),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        **identity,
    )


def _accounts() -> list[str | None]:
    """Ourselves, and for root also somebody without rights who can read the project."""
    if os.geteuid() != 0:
        return [None]
    nobody = pwd.getpwnam("nobody")
    try:
        readable = subprocess.run(
            [sys.executable, "-c", "import psycopg2"],
            user=nobody.pw_uid,
            group=nobody.pw_gid,
            extra_groups=[],
            cwd="/",
            capture_output=True,
            check=False,
        )
    except OSError:  # the interpreter itself lies in somebody's private folder
        return [None]
    return [None, "nobody"] if readable.returncode == 0 else [None]


@pytest.fixture
def place():
    """A short-lived folder in /tmp that every account can reach."""
    folder = Path(tempfile.mkdtemp(prefix="pharmacrm-test-", dir="/tmp"))
    folder.chmod(0o777)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def _running(word: str) -> list[str]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                state = (entry / "stat").read_text().rsplit(")", 1)[1].split()[0]
            except OSError:
                continue
            if word in line and state != "Z":
                found.append(f"{entry.name} {line}")
    return [line for line in found if not line.startswith(f"{os.getpid()} ")]


def _wait_until(condition, seconds: float = 20.0) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return False


@pytest.mark.parametrize("user", _accounts())
def test_the_servers_run_on_a_path_with_spaces_and_chinese_without_any_locale_set(place, user):
    home = place / "我的 CRM 数据"

    done = _exec(home, sys.executable, "-c", ASK, user=user)

    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["trigrams"] == 3
    assert (told["checksums"], told["listen"], told["redis"]) == ("on", "", True)
    assert _running(str(home)) == []


def test_the_application_role_may_not_change_tables(place):
    command = [sys.executable, "-m", "pharmacrm.runtime", "exec", "--"]
    probe = (
        "import os, psycopg2; c = psycopg2.connect(os.environ['DATABASE_URL']); q = c.cursor();\n"
        "q.execute('SELECT current_user, rolsuper, rolcreatedb, rolcreaterole FROM pg_roles WHERE rolname=current_user');"
        "print(q.fetchone())\n"
    )
    env = _bare_environment(PHARMACRM_HOME=str(place / "var"))

    done = subprocess.run(
        [*command, sys.executable, "-c", probe],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.stdout.strip() == "('pharmacrm_app', False, False, False)", done.stderr


def test_sockets_and_secrets_are_for_the_owner_only(place):
    done = _exec(place / "var", sys.executable, "-c", ASK)

    told = json.loads(done.stdout)
    keys = place / "var" / "keys"
    assert len(told["socket"]) < 60
    assert told["socket_mode"] == 0o700
    assert not Path(told["socket"]).exists()
    assert keys.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in keys.iterdir()} == {0o600}


def test_a_private_home_stays_private_when_root_runs_the_servers(place):
    private = place / "private"
    private.mkdir(mode=0o700)

    done = _exec(private / "var", sys.executable, "-c", ASK)

    assert done.returncode == 0, done.stderr
    assert private.stat().st_mode & 0o777 == 0o700
    moved = private / "var" / "postgres"
    if moved.is_symlink():  # root: the data lies where the database's account can reach it
        shutil.rmtree(moved.readlink().parent.parent)


def test_nothing_is_left_when_the_supervisor_is_killed(place):
    home = place / "killed home"
    running = subprocess.Popen(
        [
            *[sys.executable, "-m", "pharmacrm.runtime", "exec", "--home", str(home), "--throwaway", "--"],
            *["sh", "-c", "echo up; exec sleep 60"],
        ],
        cwd=ROOT,
        env=_bare_environment(),
        stdout=subprocess.PIPE,
        text=True,
    )
    assert running.stdout.readline() == "up\n"
    assert _running(str(home))

    running.kill()
    running.communicate()

    assert _wait_until(lambda: not [line for line in _running(str(home)) if "sleep" not in line])
    again = _exec(home, sys.executable, "-c", ASK)
    assert again.returncode == 0, again.stderr


@pytest.mark.parametrize("left_behind", ["", "12", "99999999", "our own"])
def test_a_lock_file_of_a_dead_or_foreign_process_is_no_obstacle_and_harms_nobody(place, left_behind):
    left_behind = f"{os.getpid()}\n{os.getcwd()}\n" if left_behind == "our own" else left_behind
    home = place / "var"
    assert _exec(home, "true").returncode == 0
    lock = home / "postgres" / "postmaster.pid"
    lock.write_text(left_behind)
    lock.chmod(0o666)

    done = _exec(home, sys.executable, "-c", ASK)

    assert done.returncode == 0, done.stderr
    os.kill(os.getpid(), 0)


def test_a_start_that_died_inside_initdb_is_made_again(place):
    home = place / "var"
    half = home / "postgres.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")

    done = _exec(home, sys.executable, "-c", ASK)

    assert done.returncode == 0, done.stderr
    assert not half.exists()


def test_a_second_command_joins_the_servers_that_run(place):
    home = place / "var"
    ask = place / "ask.py"
    ask.write_text(ASK)
    joining = [sys.executable, "-m", "pharmacrm.runtime", "exec", "--home", str(home), "--throwaway", "--"]

    done = _exec(home, *joining, "env", f"PYTHONPATH={ROOT}", sys.executable, str(ask))

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["redis"] is True


def test_the_command_s_own_exit_code_comes_back(place):
    assert _exec(place / "var", "sh", "-c", "exit 7").returncode == 7


def test_data_of_another_major_version_is_refused_in_words(place):
    home = place / "var"
    assert _exec(home, "true").returncode == 0
    (home / "postgres" / "PG_VERSION").write_text("15\n")

    done = _exec(home, "true")

    assert done.returncode == 1
    assert "was made by PostgreSQL 15" in done.stderr
    assert "Traceback" not in done.stderr


def test_only_one_supervisor_holds_a_state_directory(tmp_path):
    home = Home.at(tmp_path / "var")

    with home.hold():
        home.announce({"DATABASE_URL": "postgresql:///x"})
        while_held = home.announced()

    assert while_held == {"DATABASE_URL": "postgresql:///x"}
    assert home.announced() == {}
