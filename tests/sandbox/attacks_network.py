"""Attacks on what can be talked to: networks, sockets, the kernel's own wire."""

from __future__ import annotations

from .attack import HELD, OPEN, Attack, If, expected_by
from .observers import answers_outside, is_heard

_GROUP = "network and sockets"

NETWORK = (
    Attack(
        name="connect to a server",
        group=_GROUP,
        source='socket.create_connection(("127.0.0.1", TCP_PORT), 1).send(b"canary")',
        observe=is_heard,
    ),
    Attack(
        name="send a datagram, as for a name server",
        group=_GROUP,
        source="""
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
    sender.sendto(b"canary", ("127.0.0.1", UDP_PORT))
""",
        observe=is_heard,
    ),
    Attack(
        name="serve the machine's network",
        group=_GROUP,
        source="""
listener = socket.create_server(("127.0.0.1", 0))
print("PORT", listener.getsockname()[1])
""",
        observe=answers_outside,
        leaves_traces=True,
    ),
    Attack(
        name="connect to a unix socket, such as docker's",
        group=_GROUP,
        source="""
with socket.socket(socket.AF_UNIX) as sender:
    sender.connect(UNIX_PATH)
""",
        observe=is_heard,
    ),
    Attack(
        name="send to a unix datagram socket, such as the system log's",
        group=_GROUP,
        source="""
with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
    sender.sendto(b"canary", DATAGRAM_PATH)
""",
        observe=is_heard,
    ),
    Attack(
        name="send to it from a pair of sockets",
        group=_GROUP,
        source="""
one, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
one.sendto(b"canary", DATAGRAM_PATH)
""",
        observe=is_heard,
    ),
    Attack(
        name="connect to an abstract unix socket, such as X11's",
        group=_GROUP,
        source="""
with socket.socket(socket.AF_UNIX) as sender:
    sender.connect("\\0" + ABSTRACT)
""",
        observe=is_heard,
    ),
    Attack(
        name="have us connect to another socket in the place of the kernel's",
        group=_GROUP,
        source="""
place = Path(CONNECTION["ip"])
for path in place.parent.glob(place.name + "-*"):
    path.unlink()
    path.symlink_to(UNIX_PATH)
for number in range(3, 128):
    with contextlib.suppress(OSError):
        wire = socket.socket(fileno=os.dup(number))
        wire.getpeername()
        if wire.family == socket.AF_UNIX and wire.getsockname():
            wire.shutdown(socket.SHUT_RDWR)
time.sleep(1)
""",
        observe=is_heard,
        leaves_traces=True,
    ),
    Attack(
        name="list the network interfaces",
        group=_GROUP,
        source="""
names = [name for _, name in socket.if_nameindex()]
if len(names) > 1: got(names)
else: print("REFUSED", names)
""",
        expected=expected_by(If("has_interfaces", OPEN, HELD), HELD, HELD),
    ),
    Attack(
        name="hear the kernel's network events (netlink)",
        group=_GROUP,
        source="""
with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 15) as events:
    events.bind((0, 1))
    got("uevents")
""",
    ),
    Attack(
        name="open a socket to the host of a virtual machine (vsock)",
        group=_GROUP,
        source="got(socket.socket(40, socket.SOCK_STREAM))",
        expected=expected_by(If("has_vsock", OPEN, HELD), HELD, HELD),
    ),
    Attack(
        name="open a socket to the kernel's ciphers (AF_ALG)",
        group=_GROUP,
        source="got(socket.socket(38, socket.SOCK_SEQPACKET))",
        expected=expected_by(If("has_alg", OPEN, HELD), HELD, HELD),
    ),
    Attack(
        name="read raw packets",
        group=_GROUP,
        source="got(socket.socket(17, socket.SOCK_RAW, 3))",
        expected=expected_by(If("is_root", OPEN, HELD), HELD, HELD),
    ),
)
