"""Makes a thousand connections through sock.wasm in wasmtime and measures what they leave behind.

    python3 tools/wasi/endurance.py SOCK.wasm

Prints, as JSON, resident bytes and open descriptors after the first hundred and after a thousand more.
"""
import gc
import json
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "examples/embed-python"))
from host import Sockets, address, echo_server  # noqa: E402

WARM = 100
CONNECTIONS = 1000


def measure():
    gc.collect()
    with open("/proc/self/statm") as statm:
        resident = int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return {"resident": resident, "descriptors": len(os.listdir("/proc/self/fd"))}


def main():
    sockets = Sockets(sys.argv[1], network=True)
    port = echo_server()
    message = bytes(1000)

    def use(count):
        for _ in range(count):
            client = sockets.open("SOCK_STREAM")
            sockets.method("[method]socket.connect", client, address(port))
            sockets.method("[method]socket.send", client, message, 0)
            answer = sockets.method("[method]socket.recv", client, 1024, 0)
            assert bytes(answer) == message[: len(answer)]
            client.drop(sockets.store)
        return measure()

    before = use(WARM)
    print(json.dumps({"before": before, "after": use(CONNECTIONS)}))


main()
