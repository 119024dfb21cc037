/**
 * One listener for IPv4 and IPv6
 *
 * An IPv6 socket that is bound to `[::]` takes IPv4 clients too if `IPV6_V6ONLY` is off. The default differs
 * between systems, so set it. The peer of an IPv4 client has an IPv4-mapped address, such as `::ffff:127.0.0.1`.
 *
 * Prints: an ipv6 listener, a client at ::ffff:127.0.0.1
 */
import { Domain, SockAddr, Socket, Type } from '@sock/native';

using listener = new Socket(Domain.IPV6, Type.STREAM);
listener.setOnlyV6(false);
listener.bind(SockAddr.parse('[::]:0'));
listener.listen(128);

using client = new Socket(Domain.IPV4, Type.STREAM);
client.connect(SockAddr.ipv4('127.0.0.1', listener.localAddr().port));
const [connection, peer] = listener.accept();
console.log(`an ${peer.family} listener, a client at ${peer.address}`);
connection.close();
