/**
 * A connection as Web streams
 *
 * `streams()` gives a `ReadableStream` and a `WritableStream`, for everything that takes those. Closing the writable
 * sends the end of the stream. When both are done, the socket is closed.
 *
 * Backends: native, wasi.
 * Prints: HELLO
 */
import { Domain, SockAddr, Socket, Type } from '@sock/native';

using listener = new Socket(Domain.IPV4, Type.STREAM);
listener.bind(SockAddr.parse('127.0.0.1:0'));
listener.listen(1);
const client = new Socket(Domain.IPV4, Type.STREAM);
const [[connection]] = await Promise.all([
  listener.acceptAsync(),
  client.connectAsync(listener.localAddr()),
]);

// The server answers in capitals.
const server = connection.streams();
const capitals = new TransformStream<string, string>({
  transform: (text, controller) => controller.enqueue(text.toUpperCase()),
});
const served = server.readable
  .pipeThrough(new TextDecoderStream())
  .pipeThrough(capitals)
  .pipeThrough(new TextEncoderStream())
  .pipeTo(server.writable);

const { readable, writable } = client.streams();
const writer = writable.getWriter();
await writer.write(new TextEncoder().encode('hello'));
await writer.close();
let text = '';
for await (const piece of readable.pipeThrough(new TextDecoderStream())) text += piece;
await served;
console.log(text);
