"""`python -m pharmacrm.runtime run | exec | test | lint | psql-owner`."""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys

from . import lint, suite
from .binaries import NoBinaries, postgres_tool
from .children import adopt_orphans, kill_descendants, tied_to
from .home import ROOT, Home, HomeInUse
from .postgres import OWNER, PostgresFailed
from .redis import RedisFailed
from .services import Services
from .supervisor import CannotStart, Supervisor, port_from_environment, state_directory


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    try:
        return int(options.do(options) or 0)
    except (CannotStart, NoBinaries, PostgresFailed, RedisFailed) as problem:
        sys.stderr.write(f"\n{problem}\n")
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m pharmacrm.runtime", description=__doc__)
    verbs = parser.add_subparsers(required=True)

    run = verbs.add_parser("run", help="everything in the foreground until Ctrl-C")
    run.set_defaults(do=_run)

    execute = verbs.add_parser("exec", help="start the servers, run one command with their addresses")
    execute.add_argument("--home", help="state directory (default: var/)")
    execute.add_argument(
        "--throwaway",
        action="store_true",
        help="fast, as superuser, and nothing survives a power cut: for tests",
    )
    execute.add_argument("--owner", action="store_true", help="as the owner of the tables")
    execute.add_argument("command", nargs=argparse.REMAINDER)
    execute.set_defaults(do=_exec)

    test = verbs.add_parser("test", help="the suite, without and with the browser")
    test.add_argument("--no-browser", action="store_true")
    test.add_argument("--only-browser", action="store_true")
    test.add_argument("pytest", nargs="*", help="passed on to pytest")
    test.set_defaults(do=_test)

    verbs.add_parser("lint", help="every static check").set_defaults(do=lambda _options: lint.run())
    verbs.add_parser("psql-owner", help="a database shell as the owner").set_defaults(do=_psql_owner)
    return parser


def _run(_options: argparse.Namespace) -> int:
    return Supervisor(state_directory(None), port=port_from_environment()).run()


def _exec(options: argparse.Namespace) -> int:
    command = options.command[1:] if options.command[:1] == ["--"] else options.command
    if not command:
        raise CannotStart("Say what to run: python -m pharmacrm.runtime exec -- COMMAND")
    return with_services(
        command,
        home=options.home,
        as_owner=options.owner or options.throwaway,
        throwaway=options.throwaway,
    )


def _test(options: argparse.Namespace) -> int:
    choice = ["--only-browser"] if options.only_browser else ["--no-browser"] if options.no_browser else []
    command = [sys.executable, "-m", "pharmacrm.runtime.suite", *choice, *options.pytest]
    if suite.is_inside():
        return subprocess.run(command, check=False, cwd=ROOT).returncode
    return with_services(command, home="var/test", as_owner=True, throwaway=True)


def _psql_owner(_options: argparse.Namespace) -> int:
    home = state_directory(None)
    url = os.environ.get("DATABASE_OWNER_URL")
    if not url and not os.environ.get("DATABASE_URL"):
        if not home.announced():
            return with_services(
                ["sh", "-c", f'exec "{postgres_tool("psql")}" "$DATABASE_OWNER_URL"'], as_owner=True
            )
        url = Services(home).postgres.url(OWNER)  # type: ignore[union-attr]
    if not url:
        raise CannotStart(
            "Set DATABASE_OWNER_URL: the owner's address of the database that DATABASE_URL names."
        )
    return subprocess.run([postgres_tool("psql"), url], check=False).returncode


def with_services(
    command: list[str], *, home: str | None = None, as_owner: bool = False, throwaway: bool = False
) -> int:
    """Run one command while the servers run. Where they run already, it joins them."""
    place: Home = state_directory(home)
    try:
        lock = place.hold()
    except HomeInUse:
        services = Services(place, throwaway=throwaway)
        return _run_inside(command, services.owner_environment() if as_owner else services.environment())
    adopt_orphans()
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_received: sys.exit(143))
    quiet = Services(place, throwaway=throwaway, say=lambda _line: None)
    with lock:
        try:
            quiet.start()
            place.announce(quiet.environment())
            return _run_inside(command, quiet.owner_environment() if as_owner else quiet.environment())
        finally:
            place.withdraw()
            kill_descendants_but(quiet)
            quiet.stop()
            kill_descendants()


def kill_descendants_but(services: Services) -> None:
    """End what the command left running, before the servers go."""
    kill_descendants(spared={child.pid for child in services.children})


def _run_inside(command: list[str], environment: dict[str, str]) -> int:
    try:
        child = subprocess.Popen(
            command,
            env={**os.environ, **environment},
            cwd=os.getcwd(),
            preexec_fn=tied_to(os.getpid(), signal.SIGTERM),
        )
    except OSError as problem:
        raise CannotStart(f"{command[0]} cannot be run: {problem}") from problem
    while True:
        try:
            return child.wait()
        except KeyboardInterrupt:  # the terminal told the command too; its answer is awaited
            continue
        except SystemExit:
            child.terminate()
            child.wait()
            raise


if __name__ == "__main__":
    sys.exit(main())
