/**
 * Send a file over http without copying it
 *
 * `sendFile` has the system move the bytes from the file to the connection: sendfile(2). It sends the head first, ends
 * the response, and leaves the connection open for the next request. Over TLS it copies, and says so.
 *
 * Systems: linux, darwin, freebsd.
 * Prints: 1000000 bytes sent, copied: false
 */
import { rmSync, truncateSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sendFile } from '@sock/std';

const path = join(tmpdir(), `send-file-${process.pid}`);
writeFileSync(path, '');
truncateSync(path, 1_000_000);

const server = http.createServer(async (_, response) => {
  response.setHeader('Content-Type', 'application/octet-stream');
  try {
    const { bytes, copied } = await sendFile(response, path);
    console.log(`${bytes} bytes sent, copied: ${copied}`);
  } catch (error) {
    // If nothing was sent yet, the response is as it was.
    if (!response.headersSent) response.writeHead(404).end(String(error));
  }
});

server.listen(0, '127.0.0.1', async () => {
  const { port } = server.address() as AddressInfo;
  const response = await fetch(`http://127.0.0.1:${port}/`);
  const { byteLength } = await response.arrayBuffer();
  if (byteLength !== 1_000_000) throw new Error(`${byteLength} bytes received`);
  server.close(() => rmSync(path));
});
