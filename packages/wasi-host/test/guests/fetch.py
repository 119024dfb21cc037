"""Fetches a file of a server on loopback by http.client, as any Python program does: `fetch PORT`."""

# What is imported while the component is made is in it; nothing can be loaded later.
import encodings.idna  # noqa: F401
import http.client
import sys

from wit_world import exports


class Run(exports.Run):
    def run(self) -> None:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]), timeout=10)
            connection.request("GET", "/file")
            response = connection.getresponse()
            print("python:", response.status, response.read().decode())
        except OSError as error:
            print("python:", type(error).__name__)
            sys.exit(1)
