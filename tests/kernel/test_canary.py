"""Canary: nothing secret of the program that started a kernel is visible from inside.

A program with a secret in each place where programs have them starts a kernel, in which
a cell searches all that it can reach. In a sandbox it finds nothing; where nothing is
held the same search finds them, so it knows how to look.
"""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from analyst.kernel.sandbox.policy import SandboxName

KEEPER = r'''
"""A program that holds secrets and starts a kernel. Its own are made from words."""

import asyncio, json, os, socket, sys, tempfile, threading
from pathlib import Path

from analyst.kernel.kernel import LocalKernel
from analyst.kernel.terms import Terms

folder, sandbox, search = Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3])
_, word = os.environ["OPENAI_API_KEY"].split("-key-")
secret = lambda place: f"canary-{place}-{word}"

held = secret("memory")
file = tempfile.TemporaryFile()
file.write(secret("descriptor").encode()); file.flush()
os.set_inheritable(file.fileno(), True)

def answers(listener, place):
    def serve():
        while True:
            connection, _ = listener.accept()
            connection.sendall(secret(place).encode())
            connection.close()
    threading.Thread(target=serve, daemon=True).start()

def listen(family, address, place):
    listener = socket.socket(family)
    listener.bind(address)
    listener.listen()
    answers(listener, place)
    return listener

tcp = listen(socket.AF_INET, ("127.0.0.1", 0), "tcp")
unix = listen(socket.AF_UNIX, str(folder.parent / "s"), "unix")
abstract = listen(socket.AF_UNIX, "\0analyst-" + word[:8], "abstract")

async def said(kernel, source):
    async for last in kernel.execute("import os\n" + source, timeout_seconds=60):
        pass
    texts = [getattr(output, "text", str(output)) for output in last.outputs]
    return json.dumps([last.status, "".join(texts)])

async def main():
    kernel = LocalKernel(
        Terms(folder=folder, inputs=(folder / "data.csv",), sandbox=sandbox)
    )
    await kernel.start()
    reach = {
        "tcp": tcp.getsockname()[1], "unix": str(folder.parent / "s"),
        "abstract": "\0analyst-" + word[:8], "keeper": os.getpid(),
        "home": os.environ["HOME"], "folder": str(folder),
    }
    raise_limit = "" if sandbox == "none" else (
        "try: resource.setrlimit(resource.RLIMIT_CORE, (-1, -1))\n"
        "except (OSError, ValueError): pass\n"
    )
    print(await said(kernel, f"REACH = {json.dumps(reach)}\n" + search.read_text()))
    print(await said(
        kernel, f"import ctypes, resource\n{raise_limit}ctypes.string_at(0)"
    ))
    await kernel.rollback([], timeout_seconds=20)
    print(await said(kernel, "for _, _, names in os.walk('.'): print(*names)"))
    await kernel.close()

asyncio.run(main())
'''

SEARCH = r'''
import json, os, re, socket, stat, subprocess, sys, time
from pathlib import Path

PATTERN = re.compile(rb"canary-([a-z]+)-[0-9a-f]{16}")
MAX_FILE_BYTES, MAX_FILES, MAX_SECONDS = 1 << 20, 30_000, 40
began = time.monotonic()
found, seen, is_whole = {}, 0, True

def look(content, where):
    for match in PATTERN.finditer(content):
        found.setdefault(match[1].decode(), set()).add(where)

def read(path, where, limit=MAX_FILE_BYTES):
    try:
        # Some wait for ever where somebody else should write.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except OSError:
        return
    try:
        os.set_blocking(descriptor, False)
        look(os.read(descriptor, limit), where)
        look(os.pread(descriptor, limit, 0), where)
    except OSError:
        pass
    finally:
        os.close(descriptor)

def memory(pid):
    """The memory of a process, where it may be read."""
    try:
        maps = Path(f"/proc/{pid}/maps").read_text().splitlines()
        file = open(f"/proc/{pid}/mem", "rb", 0)
    except OSError:
        return
    with file:
        for line in maps:
            span, rights, *_ = line.split()
            start, end = (int(part, 16) for part in span.split("-"))
            if "r" in rights and "/" not in line and end - start < 1 << 28:
                try:
                    file.seek(start)
                    look(file.read(end - start), "memory of another")
                except (OSError, ValueError, OverflowError):
                    continue

def tree(top, skip):
    """All files beneath a folder."""
    global seen, is_whole
    for folder, folders, names in os.walk(top):
        folders[:] = [
            name for name in folders if os.path.join(folder, name) not in skip
        ]
        for name in names:
            path = os.path.join(folder, name)
            if seen >= MAX_FILES or time.monotonic() - began > MAX_SECONDS:
                is_whole = False
                return
            try:
                mode = os.stat(path).st_mode
            except OSError:
                continue
            if stat.S_ISREG(mode):
                seen += 1
                read(path, "file")

# What this process has itself, before anything else has been read.
look(repr(dict(os.environ)).encode(), "environment")
for number in range(3, 256):
    read(f"/proc/self/fd/{number}", "inherited descriptor")
    try:
        look(os.pread(number, MAX_FILE_BYTES, 0), "inherited descriptor")
    except OSError:
        pass
read("/proc/self/environ", "environment")
look(subprocess.run(["ps", "axeww"], capture_output=True).stdout, "ps")

# Every process that can be seen, and the one that is known to be there.
try:
    pids = {int(name) for name in os.listdir("/proc") if name.isdigit()}
except OSError:
    pids = set()
others = (pids | {REACH["keeper"], os.getppid()}) - {os.getpid()}
for pid in others:
    for name in ("environ", "cmdline", "comm", "stat", "status", "maps", "mountinfo",
                 "auxv", "stack", "syscall", "wchan"):
        read(f"/proc/{pid}/{name}", f"process {name}")
    for number in range(256):
        read(f"/proc/{pid}/fd/{number}", "descriptor of another")
    read(f"/proc/{pid}/root{REACH['home']}/.netrc", "root of another")
    read(f"/proc/{pid}/cwd/.env", "folder of another")
memory(REACH["keeper"])
for pid in others if len(others) < 20 else ():
    memory(pid)

# Sockets.
for family, address in (
    (socket.AF_INET, ("127.0.0.1", REACH["tcp"])),
    (socket.AF_UNIX, REACH["unix"]),
    (socket.AF_UNIX, REACH["abstract"]),
):
    try:
        with socket.socket(family) as client:
            client.settimeout(2)
            client.connect(address)
            look(client.recv(100), "socket")
    except OSError:
        pass

# Files: where secrets lie first, then everything but the system and the interpreter.
skip = {"/usr", "/proc", "/sys", sys.prefix, sys.base_prefix}
places = [REACH["folder"], REACH["home"], os.getcwd(), str(Path.home())]
for place in dict.fromkeys(places):
    tree(place, skip)
if not found:
    tree("/", skip)
print(json.dumps([
    {kind: sorted(where) for kind, where in found.items()}, is_whole, len(others), seen
]))
'''

PLACES = {
    "key",
    "name",
    "aws",
    "argument",
    "netrc",
    "ssh",
    "dotenv",
    "descriptor",
    "tcp",
    "unix",
    "abstract",
}
"""Where secrets are found that nothing holds; in memory it takes root's rights."""


def hide(tmp_path: Path) -> tuple[list[str], dict[str, str]]:
    """Put a secret in each place; return the command and the environment of the
    program that keeps them.
    """
    word = secrets.token_hex(8)

    def secret(place: str) -> str:
        return f"canary-{place}-{word}"

    home, folder = tmp_path / "home", tmp_path / "work"
    (home / ".ssh").mkdir(parents=True)
    folder.mkdir()
    (home / ".netrc").write_text(f"machine a password {secret('netrc')}\n")
    (home / ".ssh" / "id_rsa").write_text(secret("ssh"))
    (folder / ".env").write_text(f"OPENAI_API_KEY={secret('dotenv')}\n")
    (folder / "data.csv").write_text("a,b\n1,2\n")
    (tmp_path / "keeper.py").write_text(KEEPER)
    (tmp_path / "search.py").write_text(SEARCH)
    environ = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "OPENAI_API_KEY": secret("key"),
        "AWS_SECRET_ACCESS_KEY": secret("aws"),
        secrets.token_hex(4): secret("name"),
    }
    keeper, search = str(tmp_path / "keeper.py"), str(tmp_path / "search.py")
    command = [sys.executable, keeper, str(folder), "SANDBOX", search]
    return [*command, f"--token={secret('argument')}"], environ


async def searched(tmp_path: Path, sandbox: SandboxName) -> list[Any]:
    """What the search says, how the crash ended, and what files there are then."""
    command, environ = hide(tmp_path)
    done = await asyncio.to_thread(
        subprocess.run,
        [sandbox if word == "SANDBOX" else word for word in command],
        env=environ,
        cwd=tmp_path / "work",
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    (status, said), crash, after = map(json.loads, done.stdout.splitlines())
    assert status == "ok", said
    return [*json.loads(said.splitlines()[-1]), crash, after]


@pytest.mark.parametrize("sandbox", ["bwrap", "landlock"], indirect=True)
async def test_no_secret_is_visible_from_inside(
    sandbox: SandboxName, tmp_path: Path
) -> None:
    """Not in the environment, other processes, descriptors, sockets, files or memory;
    and a crash leaves no core, inside or outside.
    """
    found, is_whole, _, files, crash, after = await searched(tmp_path, sandbox)
    assert found == {}
    assert is_whole, f"the search was cut short after {files} files"
    assert files > 0
    assert crash[0] == "died"
    assert "SIGSEGV" in crash[1]
    assert after == ["ok", "data.csv\n"]
    left = {path.name for path in (tmp_path / "work").iterdir()}
    assert left == {".env", "data.csv"}


async def test_the_search_finds_what_nothing_holds(tmp_path: Path) -> None:
    """Without a sandbox the search finds every secret, so it knows how to look. Even
    then none of the program's variables is among the kernel's own.
    """
    found, _, others, _, crash, _ = await searched(tmp_path, "none")
    assert found.keys() - {"memory"} == PLACES
    assert others > 1
    assert "environment" not in found["key"]
    assert "process environ" in found["key"]
    assert "process cmdline" in found["argument"]
    assert "memory" in found or os.getuid() != 0
    assert crash[0] == "died"
