"""What `make setup` promises, tried on a small checkout with a stand-in for uv."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
import setup
import steps
import toolchain

ROOT = Path(__file__).resolve().parents[2]

# Makes a folder for `uv venv`, a command for `uv pip install`, and notes each call. FAKE_UV_FAILS holds words
# to fail with; FAKE_UV_HANGS makes `uv pip sync` wait, as a slow line would.
FAKE_UV = """#!/bin/sh
case "$1" in --version) echo "uv 99.0.0"; exit 0;; esac
echo "$@" >> "$FAKE_UV_CALLS"
for last; do :; done
case "$1 $2" in
  "venv "*) rm -rf "$last"; mkdir -p "$last/bin"; ln -s "$REAL_PYTHON" "$last/bin/python";;
  "pip sync")
    if [ -n "$FAKE_UV_FAILS" ]; then echo "$FAKE_UV_FAILS" >&2; exit 2; fi
    if [ -n "$FAKE_UV_HANGS" ]; then echo $$ > "$FAKE_UV_HANGS"; exec sleep 60; fi;;
  "pip install") touch .venv/bin/northstar;;
esac
"""
FAKE_PYTHON310 = '#!/bin/sh\necho "3.10 $0"\n'


class Checkout:
    """A copy of the files that the set-up reads, and a machine with a stand-in uv and Python 3.10."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "northstar"
        self.calls = folder / "calls"
        self.programs = folder / "programs"
        self.programs.mkdir()
        shutil.copytree(ROOT / "deploy", self.folder / "deploy", ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(ROOT / "pyproject.toml", self.folder)
        self.add_program("uv", FAKE_UV)
        self.add_program("python3.10", FAKE_PYTHON310)
        self.environ = {
            "PATH": f"{self.programs}:/usr/bin:/bin",
            "HOME": str(folder),
            "FAKE_UV_CALLS": str(self.calls),
            "REAL_PYTHON": sys.executable,
        }

    def add_program(self, name: str, text: str) -> Path:
        path = self.programs / name
        path.write_text(text)
        path.chmod(0o755)
        return path

    def start(self, **environ: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "deploy/setup.py"],
            cwd=self.folder,
            env=self.environ | environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def set_up(self, **environ: str) -> SimpleNamespace:
        """One whole run: its exit code, what it said, and the uv calls that it made."""
        self.calls.write_text("")
        child = self.start(**environ)
        out, err = child.communicate(timeout=60)
        calls = self.calls.read_text().splitlines()
        return SimpleNamespace(code=child.returncode, out=out, err=err, calls=calls)

    def stamps(self) -> list[str]:
        return sorted(path.parent.name for path in self.folder.glob(f".venv*/{setup.STAMP}"))


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path)


def test_both_environments_are_built_from_the_hashed_files(checkout: Checkout) -> None:
    run = checkout.set_up()

    assert run.code == 0, run.err
    assert checkout.stamps() == [".venv", ".venv-nlu"]
    syncs = [call for call in run.calls if call.startswith("pip sync")]
    assert len(syncs) == 2
    assert all("--require-hashes" in call for call in syncs)
    assert "deploy/requirements/app.txt deploy/requirements/dev.txt" in syncs[0]
    assert "Installing northstar itself" in run.out


def test_a_second_set_up_does_nothing_at_once(checkout: Checkout) -> None:
    checkout.set_up()
    started = time.monotonic()
    again = checkout.set_up()

    assert (again.code, again.out, again.calls) == (0, "", [])
    assert time.monotonic() - started < 1


def test_a_changed_requirement_file_updates_only_its_own_environment_in_place(checkout: Checkout) -> None:
    checkout.set_up()
    with (checkout.folder / "deploy/requirements/nlu.txt").open("a") as file:
        file.write("# changed\n")
    run = checkout.set_up()

    assert [call.split(" --")[0] for call in run.calls] == ["pip sync"]
    assert ".venv-nlu" in run.calls[0]


def test_lint_settings_and_comments_in_pyproject_rebuild_nothing(checkout: Checkout) -> None:
    checkout.set_up()
    pyproject = checkout.folder / "pyproject.toml"
    pyproject.write_text("# a remark\n" + pyproject.read_text().replace("line-length = 120", "line-length = 99"))

    assert checkout.set_up().calls == []


def test_a_moved_checkout_is_built_again_from_nothing(checkout: Checkout) -> None:
    checkout.set_up()
    checkout.folder = checkout.folder.rename(checkout.folder.with_name("moved"))
    run = checkout.set_up()

    assert sum(call.startswith("venv") for call in run.calls) == 2


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_leaves_no_stamp_and_no_process(
    checkout: Checkout, tmp_path: Path, number: signal.Signals
) -> None:
    hanging = tmp_path / "hanging"
    child = checkout.start(FAKE_UV_HANGS=str(hanging))
    wait_until(lambda: hanging.exists() and hanging.read_text().strip() != "")
    child.send_signal(number)
    _, err = child.communicate(timeout=20)

    assert child.returncode == 130
    assert err.strip() == "Interrupted. Run `make setup` to go on."
    assert checkout.stamps() == []
    with pytest.raises(ProcessLookupError):
        os.kill(int(hanging.read_text()), 0)

    assert sum(call.startswith("venv") for call in checkout.set_up().calls) == 2


@pytest.mark.parametrize(
    ("said", "advice"),
    [
        ("error: error sending request: dns error", "Check the network connection"),
        ("error: failed to write: No space left on device (os error 28)", "The disk is full"),
        ("error: hash mismatch for rasa", "hash mismatch for rasa"),
    ],
)
def test_a_failed_installation_is_explained_without_a_traceback(checkout: Checkout, said: str, advice: str) -> None:
    run = checkout.set_up(FAKE_UV_FAILS=said)

    assert run.code == 1
    assert advice in run.err
    assert said in run.err
    assert "Traceback" not in run.err
    assert checkout.stamps() == []


def test_a_python_that_cannot_be_had_is_named_with_what_to_do(checkout: Checkout) -> None:
    checkout.add_program("python3.10", "#!/bin/sh\necho 'pyenv: python3.10: command not found' >&2; exit 127\n")
    run = checkout.set_up()

    assert run.code == 1
    assert "No Python 3.10 was found for the language server" in run.err
    assert all(word in run.err for word in ("Ubuntu:", "Debian:", "macOS:", "NORTHSTAR_PYTHON310"))
    assert "Traceback" not in run.err
    assert checkout.stamps() == [".venv"]


def test_a_shim_that_does_not_run_is_passed_over_for_the_version_under_pyenv(
    checkout: Checkout, tmp_path: Path
) -> None:
    shim = checkout.add_program("python3.10", "#!/bin/sh\nexit 127\n")
    real = tmp_path / ".pyenv/versions/3.10.13/bin/python"
    real.parent.mkdir(parents=True)
    shutil.copy(checkout.add_program("real", FAKE_PYTHON310), real)
    run = checkout.set_up()

    assert run.code == 0, run.err
    assert str(real) in run.out
    assert str(shim) not in run.out


def test_a_python_named_by_hand_that_is_another_version_is_refused(checkout: Checkout) -> None:
    run = checkout.set_up(NORTHSTAR_PYTHON310="/bin/true")

    assert run.code == 1
    assert "NORTHSTAR_PYTHON310 is /bin/true, which does not run as Python 3.10" in run.err


def test_too_little_room_is_said_before_anything_is_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=300_000_000))

    with pytest.raises(steps.SetupFailed, match=r"0\.3 GB free, 2\.0 GB needed"):
        steps.require_disk(tmp_path)


def test_an_older_uv_on_the_path_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = tmp_path / "uv"
    old.write_text("#!/bin/sh\necho 'uv 0.4.1'\n")
    old.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setattr(toolchain, "OWN_UV", tmp_path / "own")
    monkeypatch.setattr(toolchain, "install_uv", lambda: tmp_path / "own/bin/uv")

    assert toolchain.find_uv() == tmp_path / "own/bin/uv"


@pytest.mark.parametrize("group", ["uv", "app", "dev", "nlu"])
def test_locked_files_hash_every_package_and_name_no_address(group: str) -> None:
    text = (ROOT / f"deploy/requirements/{group}.txt").read_text()
    blocks = re.split(r"\n(?=[a-z0-9])", text)[1:]

    assert blocks
    assert all("--hash=sha256:" in block for block in blocks)
    assert "make lock" in text.splitlines()[1]
    assert not re.search(r"://|--index|--extra-index|--find-links| @ ", text)


def test_the_language_server_is_locked_without_tensorflow() -> None:
    pinned = set(re.findall(r"^([a-z0-9.-]+)==", (ROOT / "deploy/requirements/nlu.txt").read_text(), re.M))
    left_out = set((ROOT / "deploy/requirements/nlu-excludes.txt").read_text().split())

    assert "rasa" in pinned
    assert "tensorflow" in left_out
    assert not pinned & left_out


def wait_until(condition: Callable[[], bool], seconds: float = 20) -> None:
    """Return as soon as `condition()` is true; fail the test after `seconds`."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)
