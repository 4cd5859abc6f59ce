"""A fence that a process draws around itself before it opens what a stranger made.

Behind it only the named files and folders can be read and written, no program starts and no
connection is made, whatever runs. Linux only: Landlock for files (landlock(7), since kernel 5.13)
and a filter of system calls (seccomp(2)). It holds for the thread that draws it and all that it
starts, so it is drawn before any library starts threads.
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

# linux/landlock.h: rights to files, by the version of Landlock that knows them first.
RIGHTS = {1: (1 << 13) - 1, 2: 1 << 13, 3: 1 << 14, 5: 1 << 15}
EXECUTE, WRITE_FILE, READ_FILE, READ_DIR, TRUNCATE = 1 << 0, 1 << 1, 1 << 2, 1 << 3, 1 << 14
IOCTL = 1 << 15
# Devices, sockets and pipes are nothing that a conversion makes.
SPECIAL_FILES = 1 << 6 | 1 << 9 | 1 << 10 | 1 << 11
OF_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE
TCP, TCP_SINCE = 0b11, 4
# Abstract sockets of other processes, and signals to them.
SCOPES, SCOPES_SINCE = 0b11, 6
RULE_OF_PATH, QUERY_VERSION = 1, 1
CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446

# What any program reads when it starts, loads libraries and asks what the machine has; of /proc
# nothing of other processes, whose environment may hold tokens.
SYSTEM = (
    "/usr", "/lib", "/lib64", "/lib32", "/nix/store", "/etc/ld.so.cache", "/etc/ld.so.preload",
    "/etc/localtime", "/etc/ssl/openssl.cnf", "/proc/self", "/proc/cpuinfo", "/proc/meminfo",
    "/proc/stat", "/proc/version", "/proc/filesystems", "/proc/mounts", "/proc/sys/kernel",
    "/proc/sys/vm", "/sys", "/dev/null", "/dev/zero", "/dev/urandom", "/dev/random",
)  # fmt: skip
WRITABLE_DEVICES = ("/dev/null",)

# linux/seccomp.h, linux/filter.h, linux/audit.h.
ALLOW, DENY, KILL = 0x7FFF_0000, 0x0005_0000 | errno.EACCES, 0x8000_0000
LOAD, JUMP_EQUAL, JUMP_AT_LEAST, RETURN = 0x20, 0x15, 0x35, 0x06
NUMBER_AT, ARCHITECTURE_AT = 0, 4
SET_FILTER, NO_NEW_PRIVILEGES = 1, 38
X32 = 0x4000_0000
# Starting programs (execve, execveat), connecting (socket; a socketpair leads nowhere), reaching
# into other processes (ptrace, process_vm_readv, process_vm_writev, pidfd_getfd, pidfd_open) and
# into the kernel (kexec_load, kexec_file_load, bpf, perf_event_open, io_uring_setup, mount,
# umount2, pivot_root, chroot, open_tree, move_mount, fsopen, fsconfig, fsmount, mount_setattr,
# add_key, request_key, keyctl, userfaultfd, init_module, finit_module, delete_module, unshare,
# setns, reboot, swapon, swapoff).
DENIED = {
    "x86_64": (
        59, 322, 41, 101, 310, 311, 438, 434, 246, 320, 321, 298, 425, 165, 166, 155, 161, 428, 429,
        430, 431, 432, 442, 248, 249, 250, 323, 175, 313, 176, 272, 308, 169, 167, 168,
    ),
    "aarch64": (
        221, 281, 198, 117, 270, 271, 438, 434, 104, 294, 280, 241, 425, 40, 39, 41, 51, 428, 429,
        430, 431, 432, 442, 217, 218, 219, 282, 105, 273, 106, 97, 268, 142, 224, 225,
    ),
}  # fmt: skip
# Those of them that start programs, which Landlock allows or not by their files.
STARTING = {"x86_64": (59, 322), "aarch64": (221, 281)}
AUDIT = {"x86_64": 0xC000_003E, "aarch64": 0xC000_00B7}
SECCOMP = {"x86_64": 317, "aarch64": 277}

FILES, CALLS = "files", "programs and the network"


def draw_around(given: dict[str, Any]) -> list[str]:
    """Draws it around a child that was started with `given`, if it is `fenced`.

    Readable are also this Python, and the packages on its path: not what lies beside the tool's
    own `package` where that is no folder of packages.
    """
    if not given["fenced"]:
        return []
    beside = Path(given["package"]).parent
    entries = [entry for entry in sys.path if Path(entry) != beside or entry in given["path"]]
    libraries = os.environ.get("LD_LIBRARY_PATH", "").split(os.pathsep)
    python = [sys.prefix, sys.base_prefix, sys.exec_prefix, *entries, *filter(None, libraries)]
    return draw([*python, *given["readable"]], given["writable"])


def draw(
    readable: Iterable[str | Path],
    writable: Iterable[str | Path],
    programs: Iterable[str | Path] = (),
) -> list[str]:
    """Closes everything but these for this process, for good; what is not there is passed over.

    `programs` may be started, behind the same fence. Gives what the system does not close:
    nothing, FILES, CALLS or both.
    """
    programs = tuple(programs)
    if not sys.platform.startswith("linux"):
        return [FILES, CALLS]
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall.restype = ctypes.c_long
    if libc.prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0):
        return [FILES, CALLS]
    missing = [] if _close_files(libc, readable, writable, programs) else [FILES]
    starting = (
        frozenset(STARTING.get(os.uname().machine, ())) if programs and not missing else frozenset()
    )
    return missing if _close_calls(libc, starting) else [*missing, CALLS]


def _close_files(
    libc: ctypes.CDLL,
    readable: Iterable[str | Path],
    writable: Iterable[str | Path],
    programs: Iterable[str | Path],
) -> bool:
    version = libc.syscall(CREATE_RULESET, None, 0, QUERY_VERSION)
    if version < 1:
        return False
    handled = sum(right for since, right in RIGHTS.items() if version >= since)
    fields = [handled]
    fields += [TCP] * (version >= TCP_SINCE) + [SCOPES] * (version >= SCOPES_SINCE)
    attributes = struct.pack(f"={len(fields)}Q", *fields)
    rules = libc.syscall(CREATE_RULESET, attributes, len(attributes), 0)
    if rules < 0:
        return False
    try:
        for path in (*SYSTEM, *readable):
            _allow(libc, rules, path, READ_FILE | READ_DIR)
        for path in programs:
            _allow(libc, rules, path, READ_FILE | EXECUTE)
        for path in (*WRITABLE_DEVICES, *writable):
            _allow(libc, rules, path, handled & ~(EXECUTE | SPECIAL_FILES | IOCTL))
        return bool(libc.syscall(RESTRICT_SELF, rules, 0) == 0)
    finally:
        os.close(rules)


def _allow(libc: ctypes.CDLL, rules: int, path: str | Path, rights: int) -> None:
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        own = rights if Path(path).is_dir() else rights & OF_FILES
        if libc.syscall(ADD_RULE, rules, RULE_OF_PATH, struct.pack("=Qi", own, place), 0):
            raise OSError(ctypes.get_errno(), "cannot be allowed behind the fence", str(path))
    finally:
        os.close(place)


def _close_calls(libc: ctypes.CDLL, allowed: frozenset[int]) -> bool:
    machine = os.uname().machine
    if machine not in AUDIT or sys.maxsize < 1 << 32:
        return False
    program = _program(machine, allowed)
    kept = ctypes.create_string_buffer(program, len(program))

    class Filter(ctypes.Structure):
        _fields_ = (("length", ctypes.c_ushort), ("steps", ctypes.c_void_p))

    whole = Filter(len(program) // 8, ctypes.addressof(kept))
    return bool(libc.syscall(SECCOMP[machine], SET_FILTER, 0, ctypes.byref(whole)) == 0)


def _program(machine: str, allowed: frozenset[int]) -> bytes:
    """The filter: calls of another architecture end the process, those that are denied fail."""

    def step(code: int, value: int, yes: int = 0, no: int = 0) -> bytes:
        return struct.pack("=HBBI", code, yes, no, value)

    steps = [
        step(LOAD, ARCHITECTURE_AT),
        step(JUMP_EQUAL, AUDIT[machine], 1, 0),
        step(RETURN, KILL),
        step(LOAD, NUMBER_AT),
        step(JUMP_AT_LEAST, X32, 0, 1),
        step(RETURN, KILL),
    ]
    for number in filter(lambda number: number not in allowed, DENIED[machine]):
        steps += [step(JUMP_EQUAL, number, 0, 1), step(RETURN, DENY)]
    return b"".join([*steps, step(RETURN, ALLOW)])
