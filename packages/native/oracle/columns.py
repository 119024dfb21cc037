"""What CPython's recvmsg sees of datagrams, for the columns of a batch.

Reads one request a line, as JSON: {"open": 4|6, "dual": bool, "options": [...]} answers with the port of a new
socket, {"receive": count} with what each datagram said, and {"fd": number} receives one from that descriptor.
"""
import json
import socket
import struct
import sys

OPTIONS = {
    "pktinfoV4": (socket.IPPROTO_IP, 8),
    "recvTosV4": (socket.IPPROTO_IP, 13),
    "recvTtlV4": (socket.IPPROTO_IP, 12),
    "recvPktinfoV6": (socket.IPPROTO_IPV6, 49),
    "recvTclassV6": (socket.IPPROTO_IPV6, 66),
    "recvHoplimitV6": (socket.IPPROTO_IPV6, 51),
    "timestampns": (socket.SOL_SOCKET, 35),
    "rxqOvfl": (socket.SOL_SOCKET, 40),
}


def meaning(level, kind, data):
    """The columns of one control message."""
    if (level, kind) == (socket.IPPROTO_IP, 8):
        return {"destination": socket.inet_ntop(socket.AF_INET, data[8:12]),
                "interface": struct.unpack_from("=i", data)[0]}
    if (level, kind) == (socket.IPPROTO_IPV6, 50):
        return {"destination": socket.inet_ntop(socket.AF_INET6, data[:16]),
                "interface": struct.unpack_from("=I", data, 16)[0]}
    if (level, kind) == (socket.IPPROTO_IP, 1):
        return {"tos": data[0], "ecn": data[0] & 3}
    if (level, kind) == (socket.IPPROTO_IPV6, 67):
        value = struct.unpack("=i", data)[0]
        return {"tos": value, "ecn": value & 3}
    if (level, kind) in [(socket.IPPROTO_IP, 2), (socket.IPPROTO_IPV6, 52)]:
        return {"ttl": struct.unpack("=i", data)[0]}
    if (level, kind) == (socket.SOL_SOCKET, 35):
        seconds, nanoseconds = struct.unpack("=qq", data)
        return {"timestamp": str(seconds * 10**9 + nanoseconds)}
    if (level, kind) == (socket.SOL_SOCKET, 40):
        return {"drops": struct.unpack("=I", data)[0]}
    return {f"{level}/{kind}": data.hex()}


def receive(sock):
    data, control, flags, peer = sock.recvmsg(65536, 1024)
    seen = {"data": data.hex(), "address": peer[0], "flags": int(flags)}
    for message in control:
        seen.update(meaning(*message))
    return seen


current = None
for line in sys.stdin:
    request = json.loads(line)
    if "open" in request:
        if current is not None:
            current.close()
        family = socket.AF_INET if request["open"] == 4 else socket.AF_INET6
        current = socket.socket(family, socket.SOCK_DGRAM)
        current.settimeout(10)
        current.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        if family == socket.AF_INET6:
            current.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, not request["dual"])
        for name in request["options"]:
            current.setsockopt(*OPTIONS[name], 1)
        current.bind(("" if family == socket.AF_INET else "::", 0))
        answer = current.getsockname()[1]
    elif "receive" in request:
        answer = [receive(current) for _ in range(request["receive"])]
    else:
        sock = socket.socket(fileno=request["fd"])
        sock.settimeout(10)
        answer = receive(sock)
        sock.detach()
    print(json.dumps(answer), flush=True)
