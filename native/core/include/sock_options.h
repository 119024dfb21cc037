/*
 * Made by tools/generate-options.mjs from packages/core/src/options: change that, then
 * `npm run generate`. Included with SOCK_OPTION(id, level, name, codec) defined it gives the
 * rows that this system has, otherwise the ids.
 */
#ifdef SOCK_OPTION
#if defined(SO_BROADCAST)
SOCK_OPTION(1, SOL_SOCKET, SO_BROADCAST, BOOL)
#endif
#if defined(SO_ERROR)
SOCK_OPTION(2, SOL_SOCKET, SO_ERROR, ERRNO)
#endif
#if defined(SO_KEEPALIVE)
SOCK_OPTION(3, SOL_SOCKET, SO_KEEPALIVE, BOOL)
#endif
#if defined(__APPLE__) && defined(SO_LINGER_SEC)
SOCK_OPTION(4, SOL_SOCKET, SO_LINGER_SEC, LINGER)
#elif defined(SO_LINGER)
SOCK_OPTION(4, SOL_SOCKET, SO_LINGER, LINGER)
#endif
#if defined(SO_OOBINLINE)
SOCK_OPTION(5, SOL_SOCKET, SO_OOBINLINE, BOOL)
#endif
#if defined(SO_RCVBUF)
SOCK_OPTION(6, SOL_SOCKET, SO_RCVBUF, INT)
#endif
#if defined(SO_RCVTIMEO)
SOCK_OPTION(7, SOL_SOCKET, SO_RCVTIMEO, TIMEVAL)
#endif
#if defined(SO_REUSEADDR)
SOCK_OPTION(8, SOL_SOCKET, SO_REUSEADDR, BOOL)
#endif
#if defined(SO_SNDBUF)
SOCK_OPTION(9, SOL_SOCKET, SO_SNDBUF, INT)
#endif
#if defined(SO_SNDTIMEO)
SOCK_OPTION(10, SOL_SOCKET, SO_SNDTIMEO, TIMEVAL)
#endif
#if (defined(__linux__) || defined(__APPLE__) || defined(__FreeBSD__) || defined(__OpenBSD__) || defined(__NetBSD__)) && defined(SO_REUSEPORT)
SOCK_OPTION(11, SOL_SOCKET, SO_REUSEPORT, BOOL)
#endif
#if defined(SO_TYPE)
SOCK_OPTION(12, SOL_SOCKET, SO_TYPE, INT)
#endif
#if defined(_WIN32) && defined(SO_PROTOCOL_INFOW)
SOCK_OPTION(13, SOL_SOCKET, SO_PROTOCOL_INFOW, INT)
#elif (defined(__linux__) || defined(__FreeBSD__) || defined(__OpenBSD__) || defined(_WIN32)) && defined(SO_DOMAIN)
SOCK_OPTION(13, SOL_SOCKET, SO_DOMAIN, INT)
#endif
#if defined(_WIN32) && defined(SO_PROTOCOL_INFOW)
SOCK_OPTION(14, SOL_SOCKET, SO_PROTOCOL_INFOW, INT)
#elif (defined(__linux__) || defined(__FreeBSD__) || defined(__OpenBSD__) || defined(_WIN32)) && defined(SO_PROTOCOL)
SOCK_OPTION(14, SOL_SOCKET, SO_PROTOCOL, INT)
#endif
#if (defined(__linux__) || defined(__APPLE__) || defined(__FreeBSD__) || defined(__OpenBSD__) || defined(_WIN32)) && defined(SO_ACCEPTCONN)
SOCK_OPTION(15, SOL_SOCKET, SO_ACCEPTCONN, BOOL)
#endif
#if (defined(__linux__)) && defined(SO_BINDTODEVICE)
SOCK_OPTION(16, SOL_SOCKET, SO_BINDTODEVICE, STRING)
#endif
#if (defined(__linux__)) && defined(SO_MARK)
SOCK_OPTION(17, SOL_SOCKET, SO_MARK, U32)
#endif
#if (defined(__linux__)) && defined(SO_PRIORITY)
SOCK_OPTION(18, SOL_SOCKET, SO_PRIORITY, U32)
#endif
#if (defined(__linux__)) && defined(SO_PASSCRED)
SOCK_OPTION(19, SOL_SOCKET, SO_PASSCRED, BOOL)
#endif
#if (defined(__linux__)) && defined(SO_INCOMING_CPU)
SOCK_OPTION(20, SOL_SOCKET, SO_INCOMING_CPU, INT)
#endif
#if (defined(__linux__)) && defined(SO_COOKIE)
SOCK_OPTION(21, SOL_SOCKET, SO_COOKIE, U64)
#endif
#if (defined(__linux__)) && defined(SO_BUSY_POLL)
SOCK_OPTION(22, SOL_SOCKET, SO_BUSY_POLL, INT)
#endif
#if (defined(__linux__) || defined(__APPLE__) || defined(__FreeBSD__) || defined(__OpenBSD__) || defined(__NetBSD__)) && defined(SO_TIMESTAMP)
SOCK_OPTION(23, SOL_SOCKET, SO_TIMESTAMP, BOOL)
#endif
#if (defined(__linux__)) && defined(SO_TIMESTAMPNS)
SOCK_OPTION(24, SOL_SOCKET, SO_TIMESTAMPNS, BOOL)
#endif
#if (defined(__linux__)) && defined(SO_TIMESTAMPING)
SOCK_OPTION(25, SOL_SOCKET, SO_TIMESTAMPING, U32)
#endif
#if (defined(__linux__)) && defined(SO_RXQ_OVFL)
SOCK_OPTION(26, SOL_SOCKET, SO_RXQ_OVFL, BOOL)
#endif
#if (defined(__linux__)) && defined(SO_TXTIME)
SOCK_OPTION(27, SOL_SOCKET, SO_TXTIME, BYTES)
#endif
#if (defined(__linux__)) && defined(SO_ZEROCOPY)
SOCK_OPTION(28, SOL_SOCKET, SO_ZEROCOPY, BOOL)
#endif
#if (defined(__linux__)) && defined(SO_PEEK_OFF)
SOCK_OPTION(29, SOL_SOCKET, SO_PEEK_OFF, INT)
#endif
#if (defined(__linux__)) && defined(SO_SELECT_ERR_QUEUE)
SOCK_OPTION(130, SOL_SOCKET, SO_SELECT_ERR_QUEUE, BOOL)
#endif
#if defined(__linux__) && !defined(SO_RCVMARK)
#define SO_RCVMARK 75
#endif
#if (defined(__linux__)) && defined(SO_RCVMARK)
SOCK_OPTION(131, SOL_SOCKET, SO_RCVMARK, BOOL)
#endif
#if (defined(__linux__)) && defined(SO_PASSSEC)
SOCK_OPTION(132, SOL_SOCKET, SO_PASSSEC, BOOL)
#endif
#if (defined(__linux__)) && defined(SO_PEERCRED)
SOCK_OPTION(133, SOL_SOCKET, SO_PEERCRED, BYTES)
#endif
#if (defined(__linux__)) && defined(SO_PEERSEC)
SOCK_OPTION(134, SOL_SOCKET, SO_PEERSEC, STRING)
#endif
#if (defined(__CYGWIN__)) && defined(SO_PEERCRED)
SOCK_OPTION(135, SOL_SOCKET, SO_PEERCRED, UNIT)
#endif
#if (defined(__linux__)) && defined(SO_MEMINFO)
SOCK_OPTION(136, SOL_SOCKET, SO_MEMINFO, BYTES)
#endif
#if (defined(__linux__)) && defined(SO_RCVBUFFORCE)
SOCK_OPTION(137, SOL_SOCKET, SO_RCVBUFFORCE, INT)
#endif
#if (defined(__linux__)) && defined(SO_SNDBUFFORCE)
SOCK_OPTION(138, SOL_SOCKET, SO_SNDBUFFORCE, INT)
#endif
#if (defined(__linux__) || defined(__APPLE__) || defined(__FreeBSD__) || defined(__OpenBSD__) || defined(__NetBSD__)) && defined(SO_RCVLOWAT)
SOCK_OPTION(139, SOL_SOCKET, SO_RCVLOWAT, INT)
#endif
#if (defined(__linux__) || defined(__APPLE__) || defined(__FreeBSD__) || defined(__OpenBSD__) || defined(__NetBSD__)) && defined(SO_DONTROUTE)
SOCK_OPTION(140, SOL_SOCKET, SO_DONTROUTE, BOOL)
#endif
#if (defined(__linux__)) && defined(SO_MAX_PACING_RATE)
SOCK_OPTION(141, SOL_SOCKET, SO_MAX_PACING_RATE, U64)
#endif
#if defined(__linux__) && !defined(SO_PREFER_BUSY_POLL)
#define SO_PREFER_BUSY_POLL 69
#endif
#if (defined(__linux__)) && defined(SO_PREFER_BUSY_POLL)
SOCK_OPTION(142, SOL_SOCKET, SO_PREFER_BUSY_POLL, BOOL)
#endif
#if defined(__linux__) && !defined(SO_BUSY_POLL_BUDGET)
#define SO_BUSY_POLL_BUDGET 70
#endif
#if (defined(__linux__)) && defined(SO_BUSY_POLL_BUDGET)
SOCK_OPTION(143, SOL_SOCKET, SO_BUSY_POLL_BUDGET, INT)
#endif
#if (defined(__linux__)) && defined(SO_INCOMING_NAPI_ID)
SOCK_OPTION(144, SOL_SOCKET, SO_INCOMING_NAPI_ID, U32)
#endif
#if defined(__linux__) && !defined(SO_NETNS_COOKIE)
#define SO_NETNS_COOKIE 71
#endif
#if (defined(__linux__)) && defined(SO_NETNS_COOKIE)
SOCK_OPTION(145, SOL_SOCKET, SO_NETNS_COOKIE, U64)
#endif
#if defined(__linux__) && defined(SO_BINDTOIFINDEX)
SOCK_OPTION(146, SOL_SOCKET, SO_BINDTOIFINDEX, INTERFACE_INDEX)
#elif (defined(__linux__) || defined(__APPLE__) || defined(__sun)) && defined(IP_BOUND_IF)
SOCK_OPTION(146, IPPROTO_IP, IP_BOUND_IF, INTERFACE_INDEX)
#endif
#if defined(__linux__) && defined(SO_BINDTOIFINDEX)
SOCK_OPTION(147, SOL_SOCKET, SO_BINDTOIFINDEX, INTERFACE_INDEX)
#elif (defined(__linux__) || defined(__APPLE__) || defined(__sun)) && defined(IPV6_BOUND_IF)
SOCK_OPTION(147, IPPROTO_IPV6, IPV6_BOUND_IF, INTERFACE_INDEX)
#endif
#if (defined(__linux__)) && defined(SO_DETACH_FILTER)
SOCK_OPTION(148, SOL_SOCKET, SO_DETACH_FILTER, UNIT)
#endif
#if (defined(__linux__)) && defined(SO_LOCK_FILTER)
SOCK_OPTION(149, SOL_SOCKET, SO_LOCK_FILTER, BOOL)
#endif
#if (defined(__linux__)) && defined(SO_ATTACH_BPF)
SOCK_OPTION(150, SOL_SOCKET, SO_ATTACH_BPF, INT)
#endif
#if (defined(__linux__)) && defined(SO_ATTACH_REUSEPORT_EBPF)
SOCK_OPTION(151, SOL_SOCKET, SO_ATTACH_REUSEPORT_EBPF, INT)
#endif
#if defined(__linux__) && !defined(SO_DETACH_REUSEPORT_BPF)
#define SO_DETACH_REUSEPORT_BPF 68
#endif
#if (defined(__linux__)) && defined(SO_DETACH_REUSEPORT_BPF)
SOCK_OPTION(152, SOL_SOCKET, SO_DETACH_REUSEPORT_BPF, UNIT)
#endif
#if (defined(__APPLE__) || defined(__FreeBSD__)) && defined(SO_NOSIGPIPE)
SOCK_OPTION(153, SOL_SOCKET, SO_NOSIGPIPE, BOOL)
#endif
#if (defined(__FreeBSD__)) && defined(SO_SETFIB)
SOCK_OPTION(154, SOL_SOCKET, SO_SETFIB, U32)
#endif
#if (defined(__FreeBSD__)) && defined(SO_REUSEPORT_LB)
SOCK_OPTION(155, SOL_SOCKET, SO_REUSEPORT_LB, BOOL)
#endif
#if defined(IP_TTL)
SOCK_OPTION(35, IPPROTO_IP, IP_TTL, INT)
#endif
#if (defined(__linux__) || defined(__APPLE__) || defined(__FreeBSD__) || defined(__OpenBSD__) || defined(__NetBSD__) || defined(_WIN32)) && defined(IP_TOS)
SOCK_OPTION(36, IPPROTO_IP, IP_TOS, INT)
#endif
#if (defined(__linux__) || defined(__APPLE__) || defined(__FreeBSD__) || defined(_WIN32)) && defined(IP_RECVTOS)
SOCK_OPTION(37, IPPROTO_IP, IP_RECVTOS, BOOL)
#endif
#if (defined(__linux__)) && defined(IP_FREEBIND)
SOCK_OPTION(39, IPPROTO_IP, IP_FREEBIND, BOOL)
#endif
#if (defined(__linux__)) && defined(IP_TRANSPARENT)
SOCK_OPTION(40, IPPROTO_IP, IP_TRANSPARENT, BOOL)
#endif
#if (defined(__linux__)) && defined(IP_BIND_ADDRESS_NO_PORT)
SOCK_OPTION(45, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, BOOL)
#endif
#if (defined(__linux__) || defined(__APPLE__) || defined(__FreeBSD__) || defined(__OpenBSD__) || defined(__NetBSD__) || defined(__sun) || defined(_WIN32)) && defined(IP_HDRINCL)
SOCK_OPTION(46, IPPROTO_IP, IP_HDRINCL, BOOL)
#endif
#if defined(__linux__) && !defined(SO_ORIGINAL_DST)
#define SO_ORIGINAL_DST 80
#endif
#if (defined(__linux__) || defined(_WIN32)) && defined(SO_ORIGINAL_DST)
SOCK_OPTION(47, IPPROTO_IP, SO_ORIGINAL_DST, ADDRESS)
#endif
#if (defined(__linux__)) && defined(IP_MTU_DISCOVER)
SOCK_OPTION(48, IPPROTO_IP, IP_MTU_DISCOVER, INT)
#endif
#if (defined(__linux__) || defined(_WIN32)) && defined(IP_MTU)
SOCK_OPTION(49, IPPROTO_IP, IP_MTU, INT)
#endif
#if (defined(__linux__)) && defined(IP_RECVERR)
SOCK_OPTION(50, IPPROTO_IP, IP_RECVERR, BOOL)
#endif
#if (defined(__linux__) || defined(__APPLE__) || defined(_WIN32)) && defined(IP_PKTINFO)
SOCK_OPTION(51, IPPROTO_IP, IP_PKTINFO, BOOL)
#endif
#if (defined(__linux__) || defined(__APPLE__) || defined(__FreeBSD__) || defined(__OpenBSD__) || defined(__NetBSD__) || defined(_WIN32)) && defined(IP_RECVTTL)
SOCK_OPTION(52, IPPROTO_IP, IP_RECVTTL, BOOL)
#endif
#if (defined(__linux__) || defined(__FreeBSD__)) && defined(IP_RECVORIGDSTADDR)
SOCK_OPTION(53, IPPROTO_IP, IP_RECVORIGDSTADDR, BOOL)
#endif
#if defined(__linux__) && !defined(IP_LOCAL_PORT_RANGE)
#define IP_LOCAL_PORT_RANGE 51
#endif
#if (defined(__linux__)) && defined(IP_LOCAL_PORT_RANGE)
SOCK_OPTION(54, IPPROTO_IP, IP_LOCAL_PORT_RANGE, U32)
#endif
#if (defined(__linux__) || defined(__FreeBSD__) || defined(__OpenBSD__)) && defined(IP_MINTTL)
SOCK_OPTION(57, IPPROTO_IP, IP_MINTTL, INT)
#endif
#if (defined(__linux__)) && defined(IP_NODEFRAG)
SOCK_OPTION(58, IPPROTO_IP, IP_NODEFRAG, BOOL)
#endif
#if (defined(__linux__)) && defined(IP_ROUTER_ALERT)
SOCK_OPTION(59, IPPROTO_IP, IP_ROUTER_ALERT, BOOL)
#endif
#if defined(IPV6_UNICAST_HOPS)
SOCK_OPTION(65, IPPROTO_IPV6, IPV6_UNICAST_HOPS, INT)
#endif
#if defined(IPV6_V6ONLY)
SOCK_OPTION(66, IPPROTO_IPV6, IPV6_V6ONLY, BOOL)
#endif
#if (defined(__linux__) || defined(__APPLE__) || defined(__FreeBSD__) || defined(__OpenBSD__) || defined(__NetBSD__)) && defined(IPV6_TCLASS)
SOCK_OPTION(67, IPPROTO_IPV6, IPV6_TCLASS, INT)
#endif
#if (defined(__linux__) || defined(__APPLE__) || defined(__FreeBSD__) || defined(__OpenBSD__) || defined(_WIN32)) && defined(IPV6_RECVTCLASS)
SOCK_OPTION(68, IPPROTO_IPV6, IPV6_RECVTCLASS, BOOL)
#endif
#if defined(_WIN32) && defined(IPV6_HOPLIMIT)
SOCK_OPTION(69, IPPROTO_IPV6, IPV6_HOPLIMIT, BOOL)
#elif (defined(__linux__) || defined(__APPLE__) || defined(__FreeBSD__) || defined(__OpenBSD__) || defined(_WIN32)) && defined(IPV6_RECVHOPLIMIT)
SOCK_OPTION(69, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, BOOL)
#endif
#if defined(__linux__) && !defined(IPV6_FREEBIND)
#define IPV6_FREEBIND 78
#endif
#if (defined(__linux__)) && defined(IPV6_FREEBIND)
SOCK_OPTION(71, IPPROTO_IPV6, IPV6_FREEBIND, BOOL)
#endif
#if defined(__linux__) && !defined(IPV6_TRANSPARENT)
#define IPV6_TRANSPARENT 75
#endif
#if (defined(__linux__)) && defined(IPV6_TRANSPARENT)
SOCK_OPTION(72, IPPROTO_IPV6, IPV6_TRANSPARENT, BOOL)
#endif
#if defined(__linux__) && !defined(IPV6_HDRINCL)
#define IPV6_HDRINCL 36
#endif
#if (defined(__linux__) || defined(__sun) || defined(_WIN32)) && defined(IPV6_HDRINCL)
SOCK_OPTION(73, IPPROTO_IPV6, IPV6_HDRINCL, BOOL)
#endif
#if defined(__linux__) && !defined(IP6T_SO_ORIGINAL_DST)
#define IP6T_SO_ORIGINAL_DST 80
#endif
#if defined(_WIN32) && defined(SO_ORIGINAL_DST)
SOCK_OPTION(74, IPPROTO_IPV6, SO_ORIGINAL_DST, ADDRESS)
#elif (defined(__linux__) || defined(_WIN32)) && defined(IP6T_SO_ORIGINAL_DST)
SOCK_OPTION(74, IPPROTO_IPV6, IP6T_SO_ORIGINAL_DST, ADDRESS)
#endif
#if defined(__linux__) && !defined(IPV6_MTU_DISCOVER)
#define IPV6_MTU_DISCOVER 23
#endif
#if (defined(__linux__)) && defined(IPV6_MTU_DISCOVER)
SOCK_OPTION(75, IPPROTO_IPV6, IPV6_MTU_DISCOVER, INT)
#endif
#if defined(__linux__) && !defined(IPV6_MTU)
#define IPV6_MTU 24
#endif
#if (defined(__linux__) || defined(_WIN32)) && defined(IPV6_MTU)
SOCK_OPTION(76, IPPROTO_IPV6, IPV6_MTU, INT)
#endif
#if (defined(__linux__)) && defined(IPV6_RECVERR)
SOCK_OPTION(77, IPPROTO_IPV6, IPV6_RECVERR, BOOL)
#endif
#if defined(_WIN32) && defined(IPV6_PKTINFO)
SOCK_OPTION(78, IPPROTO_IPV6, IPV6_PKTINFO, BOOL)
#elif (defined(__linux__) || defined(__APPLE__) || defined(__FreeBSD__) || defined(__OpenBSD__) || defined(__NetBSD__) || defined(_WIN32)) && defined(IPV6_RECVPKTINFO)
SOCK_OPTION(78, IPPROTO_IPV6, IPV6_RECVPKTINFO, BOOL)
#endif
#if defined(__linux__) && !defined(IPV6_RECVORIGDSTADDR)
#define IPV6_RECVORIGDSTADDR 74
#endif
#if (defined(__linux__) || defined(__FreeBSD__)) && defined(IPV6_RECVORIGDSTADDR)
SOCK_OPTION(79, IPPROTO_IPV6, IPV6_RECVORIGDSTADDR, BOOL)
#endif
#if defined(__linux__) && !defined(IPV6_DONTFRAG)
#define IPV6_DONTFRAG 62
#endif
#if (defined(__linux__) || defined(__APPLE__) || defined(__FreeBSD__) || defined(__OpenBSD__) || defined(__NetBSD__)) && defined(IPV6_DONTFRAG)
SOCK_OPTION(80, IPPROTO_IPV6, IPV6_DONTFRAG, BOOL)
#endif
#if (defined(__linux__) || defined(__APPLE__) || defined(__FreeBSD__) || defined(__OpenBSD__) || defined(__NetBSD__)) && defined(IPV6_CHECKSUM)
SOCK_OPTION(85, IPPROTO_IPV6, IPV6_CHECKSUM, INT)
#endif
#if defined(__linux__) && !defined(IPV6_MINHOPCOUNT)
#define IPV6_MINHOPCOUNT 73
#endif
#if (defined(__linux__) || defined(__OpenBSD__)) && defined(IPV6_MINHOPCOUNT)
SOCK_OPTION(86, IPPROTO_IPV6, IPV6_MINHOPCOUNT, INT)
#endif
#if defined(__linux__) && !defined(IPV6_AUTOFLOWLABEL)
#define IPV6_AUTOFLOWLABEL 70
#endif
#if (defined(__linux__) || defined(__APPLE__) || defined(__FreeBSD__) || defined(__OpenBSD__)) && defined(IPV6_AUTOFLOWLABEL)
SOCK_OPTION(87, IPPROTO_IPV6, IPV6_AUTOFLOWLABEL, BOOL)
#endif
#if defined(IP_ADD_MEMBERSHIP)
SOCK_OPTION(30, IPPROTO_IP, IP_ADD_MEMBERSHIP, IP_MREQ)
#endif
#if defined(IP_DROP_MEMBERSHIP)
SOCK_OPTION(31, IPPROTO_IP, IP_DROP_MEMBERSHIP, IP_MREQ)
#endif
#if defined(IP_MULTICAST_IF)
SOCK_OPTION(32, IPPROTO_IP, IP_MULTICAST_IF, IPV4)
#endif
#if defined(IP_MULTICAST_LOOP)
SOCK_OPTION(33, IPPROTO_IP, IP_MULTICAST_LOOP, BOOL_U8)
#endif
#if defined(IP_MULTICAST_TTL)
SOCK_OPTION(34, IPPROTO_IP, IP_MULTICAST_TTL, U8)
#endif
#if defined(__linux__) && !defined(IP_MULTICAST_ALL)
#define IP_MULTICAST_ALL 49
#endif
#if (defined(__linux__)) && defined(IP_MULTICAST_ALL)
SOCK_OPTION(38, IPPROTO_IP, IP_MULTICAST_ALL, BOOL)
#endif
#if (defined(__linux__) || defined(__APPLE__) || defined(__FreeBSD__) || defined(__OpenBSD__)) && defined(IP_ADD_MEMBERSHIP)
SOCK_OPTION(41, IPPROTO_IP, IP_ADD_MEMBERSHIP, IP_MREQN)
#endif
#if (defined(__linux__) || defined(__APPLE__) || defined(__FreeBSD__) || defined(__OpenBSD__)) && defined(IP_DROP_MEMBERSHIP)
SOCK_OPTION(42, IPPROTO_IP, IP_DROP_MEMBERSHIP, IP_MREQN)
#endif
#if (defined(__linux__) || defined(__APPLE__) || defined(__FreeBSD__) || defined(_WIN32)) && defined(IP_ADD_SOURCE_MEMBERSHIP)
SOCK_OPTION(43, IPPROTO_IP, IP_ADD_SOURCE_MEMBERSHIP, IP_MREQ_SOURCE)
#endif
#if (defined(__linux__) || defined(__APPLE__) || defined(__FreeBSD__) || defined(_WIN32)) && defined(IP_DROP_SOURCE_MEMBERSHIP)
SOCK_OPTION(44, IPPROTO_IP, IP_DROP_SOURCE_MEMBERSHIP, IP_MREQ_SOURCE)
#endif
#if (defined(__linux__) || defined(__APPLE__) || defined(__FreeBSD__) || defined(_WIN32)) && defined(IP_BLOCK_SOURCE)
SOCK_OPTION(55, IPPROTO_IP, IP_BLOCK_SOURCE, IP_MREQ_SOURCE)
#endif
#if (defined(__linux__) || defined(__APPLE__) || defined(__FreeBSD__) || defined(_WIN32)) && defined(IP_UNBLOCK_SOURCE)
SOCK_OPTION(56, IPPROTO_IP, IP_UNBLOCK_SOURCE, IP_MREQ_SOURCE)
#endif
#if defined(IPV6_ADD_MEMBERSHIP)
SOCK_OPTION(60, IPPROTO_IPV6, IPV6_ADD_MEMBERSHIP, IPV6_MREQ)
#elif defined(IPV6_JOIN_GROUP)
SOCK_OPTION(60, IPPROTO_IPV6, IPV6_JOIN_GROUP, IPV6_MREQ)
#endif
#if defined(IPV6_DROP_MEMBERSHIP)
SOCK_OPTION(61, IPPROTO_IPV6, IPV6_DROP_MEMBERSHIP, IPV6_MREQ)
#elif defined(IPV6_LEAVE_GROUP)
SOCK_OPTION(61, IPPROTO_IPV6, IPV6_LEAVE_GROUP, IPV6_MREQ)
#endif
#if defined(IPV6_MULTICAST_HOPS)
SOCK_OPTION(62, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, INT)
#endif
#if defined(IPV6_MULTICAST_IF)
SOCK_OPTION(63, IPPROTO_IPV6, IPV6_MULTICAST_IF, INTERFACE_INDEX)
#endif
#if defined(IPV6_MULTICAST_LOOP)
SOCK_OPTION(64, IPPROTO_IPV6, IPV6_MULTICAST_LOOP, BOOL)
#endif
#if defined(__linux__) && !defined(IPV6_MULTICAST_ALL)
#define IPV6_MULTICAST_ALL 29
#endif
#if (defined(__linux__)) && defined(IPV6_MULTICAST_ALL)
SOCK_OPTION(70, IPPROTO_IPV6, IPV6_MULTICAST_ALL, BOOL)
#endif
#if (defined(__linux__) || defined(__APPLE__) || defined(__FreeBSD__) || defined(__sun) || defined(_WIN32)) && defined(MCAST_JOIN_SOURCE_GROUP)
SOCK_OPTION(81, IPPROTO_IPV6, MCAST_JOIN_SOURCE_GROUP, IPV6_MREQ_SOURCE)
#endif
#if (defined(__linux__) || defined(__APPLE__) || defined(__FreeBSD__) || defined(__sun) || defined(_WIN32)) && defined(MCAST_LEAVE_SOURCE_GROUP)
SOCK_OPTION(82, IPPROTO_IPV6, MCAST_LEAVE_SOURCE_GROUP, IPV6_MREQ_SOURCE)
#endif
#if (defined(__linux__) || defined(__APPLE__) || defined(__FreeBSD__) || defined(__sun) || defined(_WIN32)) && defined(MCAST_BLOCK_SOURCE)
SOCK_OPTION(83, IPPROTO_IPV6, MCAST_BLOCK_SOURCE, IPV6_MREQ_SOURCE)
#endif
#if (defined(__linux__) || defined(__APPLE__) || defined(__FreeBSD__) || defined(__sun) || defined(_WIN32)) && defined(MCAST_UNBLOCK_SOURCE)
SOCK_OPTION(84, IPPROTO_IPV6, MCAST_UNBLOCK_SOURCE, IPV6_MREQ_SOURCE)
#endif
#if defined(__APPLE__) && defined(TCP_KEEPALIVE)
SOCK_OPTION(90, IPPROTO_TCP, TCP_KEEPALIVE, SECONDS)
#elif (defined(__linux__) || defined(__APPLE__) || defined(__FreeBSD__) || defined(__NetBSD__) || defined(_WIN32)) && defined(TCP_KEEPIDLE)
SOCK_OPTION(90, IPPROTO_TCP, TCP_KEEPIDLE, SECONDS)
#endif
#if (defined(__linux__) || defined(__APPLE__) || defined(__FreeBSD__) || defined(__NetBSD__) || defined(_WIN32)) && defined(TCP_KEEPINTVL)
SOCK_OPTION(91, IPPROTO_TCP, TCP_KEEPINTVL, SECONDS)
#endif
#if (defined(__linux__) || defined(__APPLE__) || defined(__FreeBSD__) || defined(__NetBSD__) || defined(_WIN32)) && defined(TCP_KEEPCNT)
SOCK_OPTION(92, IPPROTO_TCP, TCP_KEEPCNT, INT)
#endif
#if defined(TCP_NODELAY)
SOCK_OPTION(93, IPPROTO_TCP, TCP_NODELAY, BOOL)
#endif
#if (defined(__linux__)) && defined(TCP_USER_TIMEOUT)
SOCK_OPTION(94, IPPROTO_TCP, TCP_USER_TIMEOUT, MILLISECONDS)
#endif
#if (defined(__linux__)) && defined(TCP_CORK)
SOCK_OPTION(95, IPPROTO_TCP, TCP_CORK, BOOL)
#endif
#if (defined(__linux__)) && defined(TCP_QUICKACK)
SOCK_OPTION(96, IPPROTO_TCP, TCP_QUICKACK, BOOL)
#endif
#if (defined(__linux__) || defined(__APPLE__) || defined(__FreeBSD__) || defined(__OpenBSD__) || defined(__NetBSD__)) && defined(TCP_MAXSEG)
SOCK_OPTION(97, IPPROTO_TCP, TCP_MAXSEG, INT)
#endif
#if defined(__linux__) && !defined(TCP_NOTSENT_LOWAT)
#define TCP_NOTSENT_LOWAT 25
#endif
#if (defined(__linux__) || defined(__APPLE__)) && defined(TCP_NOTSENT_LOWAT)
SOCK_OPTION(98, IPPROTO_TCP, TCP_NOTSENT_LOWAT, U32)
#endif
#if (defined(__linux__) || defined(__FreeBSD__)) && defined(TCP_CONGESTION)
SOCK_OPTION(99, IPPROTO_TCP, TCP_CONGESTION, STRING)
#endif
#if defined(__linux__) && !defined(TCP_THIN_LINEAR_TIMEOUTS)
#define TCP_THIN_LINEAR_TIMEOUTS 16
#endif
#if (defined(__linux__)) && defined(TCP_THIN_LINEAR_TIMEOUTS)
SOCK_OPTION(100, IPPROTO_TCP, TCP_THIN_LINEAR_TIMEOUTS, BOOL)
#endif
#if (defined(__linux__)) && defined(TCP_WINDOW_CLAMP)
SOCK_OPTION(105, IPPROTO_TCP, TCP_WINDOW_CLAMP, INT)
#endif
#if (defined(__linux__)) && defined(TCP_INFO)
SOCK_OPTION(108, IPPROTO_TCP, TCP_INFO, BYTES)
#endif
#if defined(__linux__) && !defined(TCP_ULP)
#define TCP_ULP 31
#endif
#if (defined(__linux__)) && defined(TCP_ULP)
SOCK_OPTION(111, IPPROTO_TCP, TCP_ULP, STRING)
#endif
#if (defined(__linux__)) && defined(TCP_LINGER2)
SOCK_OPTION(113, IPPROTO_TCP, TCP_LINGER2, SECONDS)
#endif
#if defined(__linux__) && !defined(TCP_INQ)
#define TCP_INQ 36
#endif
#if (defined(__linux__)) && defined(TCP_INQ)
SOCK_OPTION(114, IPPROTO_TCP, TCP_INQ, BOOL)
#endif
#if defined(__linux__) && !defined(TCP_TX_DELAY)
#define TCP_TX_DELAY 37
#endif
#if (defined(__linux__)) && defined(TCP_TX_DELAY)
SOCK_OPTION(115, IPPROTO_TCP, TCP_TX_DELAY, INT)
#endif
#if defined(__linux__) && !defined(TCP_THIN_DUPACK)
#define TCP_THIN_DUPACK 17
#endif
#if (defined(__linux__)) && defined(TCP_THIN_DUPACK)
SOCK_OPTION(116, IPPROTO_TCP, TCP_THIN_DUPACK, BOOL)
#endif
#if (defined(_WIN32)) && defined(SIO_TCP_SET_ACK_FREQUENCY)
SOCK_OPTION(117, IPPROTO_TCP, SIO_TCP_SET_ACK_FREQUENCY, U8)
#endif
#if (defined(__linux__)) && defined(TCP_DEFER_ACCEPT)
SOCK_OPTION(101, IPPROTO_TCP, TCP_DEFER_ACCEPT, SECONDS)
#endif
#if (defined(__linux__)) && defined(TCP_SYNCNT)
SOCK_OPTION(102, IPPROTO_TCP, TCP_SYNCNT, INT)
#endif
#if (defined(__linux__) || defined(__APPLE__) || defined(__FreeBSD__)) && defined(TCP_FASTOPEN)
SOCK_OPTION(103, IPPROTO_TCP, TCP_FASTOPEN, INT)
#endif
#if defined(__linux__) && !defined(TCP_FASTOPEN_CONNECT)
#define TCP_FASTOPEN_CONNECT 30
#endif
#if (defined(__linux__)) && defined(TCP_FASTOPEN_CONNECT)
SOCK_OPTION(104, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, BOOL)
#endif
#if defined(__linux__) && !defined(TCP_SAVE_SYN)
#define TCP_SAVE_SYN 27
#endif
#if (defined(__linux__)) && defined(TCP_SAVE_SYN)
SOCK_OPTION(106, IPPROTO_TCP, TCP_SAVE_SYN, INT)
#endif
#if defined(__linux__) && !defined(TCP_SAVED_SYN)
#define TCP_SAVED_SYN 28
#endif
#if (defined(__linux__)) && defined(TCP_SAVED_SYN)
SOCK_OPTION(107, IPPROTO_TCP, TCP_SAVED_SYN, BYTES)
#endif
#if (defined(__linux__)) && defined(TCP_MD5SIG)
SOCK_OPTION(109, IPPROTO_TCP, TCP_MD5SIG, TCP_MD5)
#endif
#if defined(__linux__) && !defined(TCP_MD5SIG_EXT)
#define TCP_MD5SIG_EXT 32
#endif
#if (defined(__linux__)) && defined(TCP_MD5SIG_EXT)
SOCK_OPTION(110, IPPROTO_TCP, TCP_MD5SIG_EXT, TCP_MD5)
#endif
#if defined(__linux__) && !defined(TCP_FASTOPEN_NO_COOKIE)
#define TCP_FASTOPEN_NO_COOKIE 34
#endif
#if (defined(__linux__)) && defined(TCP_FASTOPEN_NO_COOKIE)
SOCK_OPTION(112, IPPROTO_TCP, TCP_FASTOPEN_NO_COOKIE, BOOL)
#endif
#if defined(__linux__) && !defined(UDP_SEGMENT)
#define UDP_SEGMENT 103
#endif
#if defined(_WIN32) && defined(UDP_SEND_MSG_SIZE)
SOCK_OPTION(120, IPPROTO_UDP, UDP_SEND_MSG_SIZE, INT)
#elif (defined(__linux__) || defined(_WIN32)) && defined(UDP_SEGMENT)
SOCK_OPTION(120, IPPROTO_UDP, UDP_SEGMENT, INT)
#endif
#if defined(__linux__) && !defined(UDP_GRO)
#define UDP_GRO 104
#endif
#if defined(_WIN32) && defined(UDP_RECV_MAX_COALESCED_SIZE)
SOCK_OPTION(121, IPPROTO_UDP, UDP_RECV_MAX_COALESCED_SIZE, BOOL)
#elif (defined(__linux__) || defined(_WIN32)) && defined(UDP_GRO)
SOCK_OPTION(121, IPPROTO_UDP, UDP_GRO, BOOL)
#endif
#if defined(__linux__) && !defined(UDPLITE_SEND_CSCOV)
#define UDPLITE_SEND_CSCOV 10
#endif
#if (defined(__linux__)) && defined(UDPLITE_SEND_CSCOV)
SOCK_OPTION(122, IPPROTO_UDPLITE, UDPLITE_SEND_CSCOV, INT)
#endif
#if defined(__linux__) && !defined(UDPLITE_RECV_CSCOV)
#define UDPLITE_RECV_CSCOV 11
#endif
#if (defined(__linux__)) && defined(UDPLITE_RECV_CSCOV)
SOCK_OPTION(123, IPPROTO_UDPLITE, UDPLITE_RECV_CSCOV, INT)
#endif
#if defined(__linux__) && !defined(DCCP_SOCKOPT_SERVICE)
#define DCCP_SOCKOPT_SERVICE 2
#endif
#if (defined(__linux__)) && defined(DCCP_SOCKOPT_SERVICE)
SOCK_OPTION(160, SOL_DCCP, DCCP_SOCKOPT_SERVICE, U32)
#endif
#if defined(__linux__) && !defined(DCCP_SOCKOPT_CCID)
#define DCCP_SOCKOPT_CCID 13
#endif
#if (defined(__linux__)) && defined(DCCP_SOCKOPT_CCID)
SOCK_OPTION(161, SOL_DCCP, DCCP_SOCKOPT_CCID, BYTE)
#endif
#if defined(__linux__) && !defined(DCCP_SOCKOPT_TX_CCID)
#define DCCP_SOCKOPT_TX_CCID 14
#endif
#if (defined(__linux__)) && defined(DCCP_SOCKOPT_TX_CCID)
SOCK_OPTION(162, SOL_DCCP, DCCP_SOCKOPT_TX_CCID, U32)
#endif
#if defined(__linux__) && !defined(DCCP_SOCKOPT_RX_CCID)
#define DCCP_SOCKOPT_RX_CCID 15
#endif
#if (defined(__linux__)) && defined(DCCP_SOCKOPT_RX_CCID)
SOCK_OPTION(163, SOL_DCCP, DCCP_SOCKOPT_RX_CCID, U32)
#endif
#if defined(__linux__) && !defined(DCCP_SOCKOPT_SERVER_TIMEWAIT)
#define DCCP_SOCKOPT_SERVER_TIMEWAIT 6
#endif
#if (defined(__linux__)) && defined(DCCP_SOCKOPT_SERVER_TIMEWAIT)
SOCK_OPTION(164, SOL_DCCP, DCCP_SOCKOPT_SERVER_TIMEWAIT, BOOL)
#endif
#if defined(__linux__) && !defined(DCCP_SOCKOPT_SEND_CSCOV)
#define DCCP_SOCKOPT_SEND_CSCOV 10
#endif
#if (defined(__linux__)) && defined(DCCP_SOCKOPT_SEND_CSCOV)
SOCK_OPTION(165, SOL_DCCP, DCCP_SOCKOPT_SEND_CSCOV, U32)
#endif
#if defined(__linux__) && !defined(DCCP_SOCKOPT_RECV_CSCOV)
#define DCCP_SOCKOPT_RECV_CSCOV 11
#endif
#if (defined(__linux__)) && defined(DCCP_SOCKOPT_RECV_CSCOV)
SOCK_OPTION(166, SOL_DCCP, DCCP_SOCKOPT_RECV_CSCOV, U32)
#endif
#if defined(__linux__) && !defined(DCCP_SOCKOPT_QPOLICY_TXQLEN)
#define DCCP_SOCKOPT_QPOLICY_TXQLEN 17
#endif
#if (defined(__linux__)) && defined(DCCP_SOCKOPT_QPOLICY_TXQLEN)
SOCK_OPTION(167, SOL_DCCP, DCCP_SOCKOPT_QPOLICY_TXQLEN, U32)
#endif
#if defined(__linux__) && !defined(DCCP_SOCKOPT_AVAILABLE_CCIDS)
#define DCCP_SOCKOPT_AVAILABLE_CCIDS 12
#endif
#if (defined(__linux__)) && defined(DCCP_SOCKOPT_AVAILABLE_CCIDS)
SOCK_OPTION(168, SOL_DCCP, DCCP_SOCKOPT_AVAILABLE_CCIDS, BYTES)
#endif
#if defined(__linux__) && !defined(DCCP_SOCKOPT_GET_CUR_MPS)
#define DCCP_SOCKOPT_GET_CUR_MPS 5
#endif
#if (defined(__linux__)) && defined(DCCP_SOCKOPT_GET_CUR_MPS)
SOCK_OPTION(169, SOL_DCCP, DCCP_SOCKOPT_GET_CUR_MPS, U32)
#endif
#if (defined(__linux__)) && defined(PACKET_ADD_MEMBERSHIP)
SOCK_OPTION(180, SOL_PACKET, PACKET_ADD_MEMBERSHIP, PACKET_MREQ)
#endif
#if (defined(__linux__)) && defined(PACKET_DROP_MEMBERSHIP)
SOCK_OPTION(181, SOL_PACKET, PACKET_DROP_MEMBERSHIP, PACKET_MREQ)
#endif
#if (defined(__linux__)) && defined(PACKET_STATISTICS)
SOCK_OPTION(182, SOL_PACKET, PACKET_STATISTICS, BYTES)
#endif
#if (defined(__linux__)) && defined(PACKET_AUXDATA)
SOCK_OPTION(183, SOL_PACKET, PACKET_AUXDATA, BOOL)
#endif
#if (defined(__linux__)) && defined(PACKET_FANOUT)
SOCK_OPTION(184, SOL_PACKET, PACKET_FANOUT, U32)
#endif
#if (defined(__linux__)) && defined(PACKET_QDISC_BYPASS)
SOCK_OPTION(185, SOL_PACKET, PACKET_QDISC_BYPASS, BOOL)
#endif
#if defined(__linux__) && !defined(PACKET_IGNORE_OUTGOING)
#define PACKET_IGNORE_OUTGOING 23
#endif
#if (defined(__linux__)) && defined(PACKET_IGNORE_OUTGOING)
SOCK_OPTION(186, SOL_PACKET, PACKET_IGNORE_OUTGOING, BOOL)
#endif
#if defined(__linux__) && !defined(NETLINK_ADD_MEMBERSHIP)
#define NETLINK_ADD_MEMBERSHIP 1
#endif
#if (defined(__linux__)) && defined(NETLINK_ADD_MEMBERSHIP)
SOCK_OPTION(200, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, INT)
#endif
#if defined(__linux__) && !defined(NETLINK_DROP_MEMBERSHIP)
#define NETLINK_DROP_MEMBERSHIP 2
#endif
#if (defined(__linux__)) && defined(NETLINK_DROP_MEMBERSHIP)
SOCK_OPTION(201, SOL_NETLINK, NETLINK_DROP_MEMBERSHIP, INT)
#endif
#if defined(__linux__) && !defined(NETLINK_PKTINFO)
#define NETLINK_PKTINFO 3
#endif
#if (defined(__linux__)) && defined(NETLINK_PKTINFO)
SOCK_OPTION(202, SOL_NETLINK, NETLINK_PKTINFO, BOOL)
#endif
#if defined(__linux__) && !defined(NETLINK_BROADCAST_ERROR)
#define NETLINK_BROADCAST_ERROR 4
#endif
#if (defined(__linux__)) && defined(NETLINK_BROADCAST_ERROR)
SOCK_OPTION(203, SOL_NETLINK, NETLINK_BROADCAST_ERROR, BOOL)
#endif
#if defined(__linux__) && !defined(NETLINK_NO_ENOBUFS)
#define NETLINK_NO_ENOBUFS 5
#endif
#if (defined(__linux__)) && defined(NETLINK_NO_ENOBUFS)
SOCK_OPTION(204, SOL_NETLINK, NETLINK_NO_ENOBUFS, BOOL)
#endif
#if defined(__linux__) && !defined(NETLINK_CAP_ACK)
#define NETLINK_CAP_ACK 10
#endif
#if (defined(__linux__)) && defined(NETLINK_CAP_ACK)
SOCK_OPTION(205, SOL_NETLINK, NETLINK_CAP_ACK, BOOL)
#endif
#if defined(__linux__) && !defined(NETLINK_EXT_ACK)
#define NETLINK_EXT_ACK 11
#endif
#if (defined(__linux__)) && defined(NETLINK_EXT_ACK)
SOCK_OPTION(206, SOL_NETLINK, NETLINK_EXT_ACK, BOOL)
#endif
#if defined(__linux__) && !defined(NETLINK_GET_STRICT_CHK)
#define NETLINK_GET_STRICT_CHK 12
#endif
#if (defined(__linux__)) && defined(NETLINK_GET_STRICT_CHK)
SOCK_OPTION(207, SOL_NETLINK, NETLINK_GET_STRICT_CHK, BOOL)
#endif
#if defined(__linux__) && !defined(ICMP_FILTER)
#define ICMP_FILTER 1
#endif
#if (defined(__linux__)) && defined(ICMP_FILTER)
SOCK_OPTION(220, SOL_RAW, ICMP_FILTER, U32)
#endif
#if defined(__linux__) && !defined(ICMP6_FILTER)
#define ICMP6_FILTER 1
#endif
#if (defined(__linux__)) && defined(ICMP6_FILTER)
SOCK_OPTION(221, IPPROTO_ICMPV6, ICMP6_FILTER, BYTES)
#endif
#else
#ifndef SOCK_OPTIONS_H
#define SOCK_OPTIONS_H
/** Ids of the option rows. */
enum {
  SOCK_OPTION_BROADCAST = 1,
  SOCK_OPTION_TAKE_ERROR = 2,
  SOCK_OPTION_KEEPALIVE = 3,
  SOCK_OPTION_LINGER = 4,
  SOCK_OPTION_OUT_OF_BAND_INLINE = 5,
  SOCK_OPTION_RECV_BUFFER_SIZE = 6,
  SOCK_OPTION_READ_TIMEOUT = 7,
  SOCK_OPTION_REUSE_ADDRESS = 8,
  SOCK_OPTION_SEND_BUFFER_SIZE = 9,
  SOCK_OPTION_WRITE_TIMEOUT = 10,
  SOCK_OPTION_REUSE_PORT = 11,
  SOCK_OPTION_TYPE = 12,
  SOCK_OPTION_DOMAIN = 13,
  SOCK_OPTION_PROTOCOL = 14,
  SOCK_OPTION_IS_LISTENER = 15,
  SOCK_OPTION_DEVICE = 16,
  SOCK_OPTION_MARK = 17,
  SOCK_OPTION_PRIORITY = 18,
  SOCK_OPTION_PASSCRED = 19,
  SOCK_OPTION_CPU_AFFINITY = 20,
  SOCK_OPTION_COOKIE = 21,
  SOCK_OPTION_BUSY_POLL = 22,
  SOCK_OPTION_TIMESTAMP = 23,
  SOCK_OPTION_TIMESTAMPNS = 24,
  SOCK_OPTION_TIMESTAMPING = 25,
  SOCK_OPTION_RXQ_OVFL = 26,
  SOCK_OPTION_TXTIME = 27,
  SOCK_OPTION_ZEROCOPY = 28,
  SOCK_OPTION_PEEK_OFF = 29,
  SOCK_OPTION_SELECT_ERR_QUEUE = 130,
  SOCK_OPTION_RECV_MARK = 131,
  SOCK_OPTION_PASSSEC = 132,
  SOCK_OPTION_PEERCRED = 133,
  SOCK_OPTION_PEERSEC = 134,
  SOCK_OPTION_NO_PEERCRED = 135,
  SOCK_OPTION_MEMINFO = 136,
  SOCK_OPTION_RECV_BUFFER_SIZE_FORCE = 137,
  SOCK_OPTION_SEND_BUFFER_SIZE_FORCE = 138,
  SOCK_OPTION_RECV_LOWAT = 139,
  SOCK_OPTION_DONT_ROUTE = 140,
  SOCK_OPTION_MAX_PACING_RATE = 141,
  SOCK_OPTION_PREFER_BUSY_POLL = 142,
  SOCK_OPTION_BUSY_POLL_BUDGET = 143,
  SOCK_OPTION_INCOMING_NAPI_ID = 144,
  SOCK_OPTION_NETNS_COOKIE = 145,
  SOCK_OPTION_DEVICE_INDEX_V4 = 146,
  SOCK_OPTION_DEVICE_INDEX_V6 = 147,
  SOCK_OPTION_DETACH_FILTER = 148,
  SOCK_OPTION_LOCK_FILTER = 149,
  SOCK_OPTION_ATTACH_BPF = 150,
  SOCK_OPTION_ATTACH_REUSE_PORT_BPF = 151,
  SOCK_OPTION_DETACH_REUSE_PORT_FILTER = 152,
  SOCK_OPTION_NOSIGPIPE = 153,
  SOCK_OPTION_FIB = 154,
  SOCK_OPTION_REUSE_PORT_LB = 155,
  SOCK_OPTION_TTL = 35,
  SOCK_OPTION_TOS_V4 = 36,
  SOCK_OPTION_RECV_TOS_V4 = 37,
  SOCK_OPTION_FREEBIND_V4 = 39,
  SOCK_OPTION_IP_TRANSPARENT_V4 = 40,
  SOCK_OPTION_BIND_ADDRESS_NO_PORT = 45,
  SOCK_OPTION_HEADER_INCLUDED_V4 = 46,
  SOCK_OPTION_ORIGINAL_DST_V4 = 47,
  SOCK_OPTION_MTU_DISCOVER_V4 = 48,
  SOCK_OPTION_MTU_V4 = 49,
  SOCK_OPTION_RECV_ERR_V4 = 50,
  SOCK_OPTION_PKTINFO_V4 = 51,
  SOCK_OPTION_RECV_TTL_V4 = 52,
  SOCK_OPTION_RECV_ORIG_DST_ADDR_V4 = 53,
  SOCK_OPTION_LOCAL_PORT_RANGE = 54,
  SOCK_OPTION_MIN_TTL_V4 = 57,
  SOCK_OPTION_NODEFRAG_V4 = 58,
  SOCK_OPTION_ROUTER_ALERT_V4 = 59,
  SOCK_OPTION_UNICAST_HOPS_V6 = 65,
  SOCK_OPTION_ONLY_V6 = 66,
  SOCK_OPTION_TCLASS_V6 = 67,
  SOCK_OPTION_RECV_TCLASS_V6 = 68,
  SOCK_OPTION_RECV_HOPLIMIT_V6 = 69,
  SOCK_OPTION_FREEBIND_V6 = 71,
  SOCK_OPTION_IP_TRANSPARENT_V6 = 72,
  SOCK_OPTION_HEADER_INCLUDED_V6 = 73,
  SOCK_OPTION_ORIGINAL_DST_V6 = 74,
  SOCK_OPTION_MTU_DISCOVER_V6 = 75,
  SOCK_OPTION_MTU_V6 = 76,
  SOCK_OPTION_RECV_ERR_V6 = 77,
  SOCK_OPTION_RECV_PKTINFO_V6 = 78,
  SOCK_OPTION_RECV_ORIG_DST_ADDR_V6 = 79,
  SOCK_OPTION_DONT_FRAG_V6 = 80,
  SOCK_OPTION_CHECKSUM_V6 = 85,
  SOCK_OPTION_MIN_HOP_COUNT_V6 = 86,
  SOCK_OPTION_AUTO_FLOW_LABEL_V6 = 87,
  SOCK_OPTION_JOIN_MULTICAST_V4 = 30,
  SOCK_OPTION_LEAVE_MULTICAST_V4 = 31,
  SOCK_OPTION_MULTICAST_IF_V4 = 32,
  SOCK_OPTION_MULTICAST_LOOP_V4 = 33,
  SOCK_OPTION_MULTICAST_TTL_V4 = 34,
  SOCK_OPTION_MULTICAST_ALL_V4 = 38,
  SOCK_OPTION_JOIN_MULTICAST_V4_N = 41,
  SOCK_OPTION_LEAVE_MULTICAST_V4_N = 42,
  SOCK_OPTION_JOIN_SSM_V4 = 43,
  SOCK_OPTION_LEAVE_SSM_V4 = 44,
  SOCK_OPTION_BLOCK_SOURCE_V4 = 55,
  SOCK_OPTION_UNBLOCK_SOURCE_V4 = 56,
  SOCK_OPTION_JOIN_MULTICAST_V6 = 60,
  SOCK_OPTION_LEAVE_MULTICAST_V6 = 61,
  SOCK_OPTION_MULTICAST_HOPS_V6 = 62,
  SOCK_OPTION_MULTICAST_IF_V6 = 63,
  SOCK_OPTION_MULTICAST_LOOP_V6 = 64,
  SOCK_OPTION_MULTICAST_ALL_V6 = 70,
  SOCK_OPTION_JOIN_SSM_V6 = 81,
  SOCK_OPTION_LEAVE_SSM_V6 = 82,
  SOCK_OPTION_BLOCK_SOURCE_V6 = 83,
  SOCK_OPTION_UNBLOCK_SOURCE_V6 = 84,
  SOCK_OPTION_TCP_KEEPALIVE_TIME = 90,
  SOCK_OPTION_TCP_KEEPALIVE_INTERVAL = 91,
  SOCK_OPTION_TCP_KEEPALIVE_RETRIES = 92,
  SOCK_OPTION_NODELAY = 93,
  SOCK_OPTION_TCP_USER_TIMEOUT = 94,
  SOCK_OPTION_TCP_CORK = 95,
  SOCK_OPTION_TCP_QUICKACK = 96,
  SOCK_OPTION_TCP_MSS = 97,
  SOCK_OPTION_TCP_NOTSENT_LOWAT = 98,
  SOCK_OPTION_TCP_CONGESTION = 99,
  SOCK_OPTION_TCP_THIN_LINEAR_TIMEOUTS = 100,
  SOCK_OPTION_TCP_WINDOW_CLAMP = 105,
  SOCK_OPTION_TCP_INFO = 108,
  SOCK_OPTION_TCP_ULP = 111,
  SOCK_OPTION_TCP_LINGER2 = 113,
  SOCK_OPTION_TCP_INQ = 114,
  SOCK_OPTION_TCP_TX_DELAY = 115,
  SOCK_OPTION_TCP_THIN_DUPACK = 116,
  SOCK_OPTION_TCP_ACK_FREQUENCY = 117,
  SOCK_OPTION_TCP_DEFER_ACCEPT = 101,
  SOCK_OPTION_TCP_SYNCNT = 102,
  SOCK_OPTION_TCP_FASTOPEN = 103,
  SOCK_OPTION_TCP_FASTOPEN_CONNECT = 104,
  SOCK_OPTION_TCP_SAVE_SYN = 106,
  SOCK_OPTION_TCP_SAVED_SYN = 107,
  SOCK_OPTION_TCP_MD5SIG = 109,
  SOCK_OPTION_TCP_MD5SIG_EXT = 110,
  SOCK_OPTION_TCP_FASTOPEN_NO_COOKIE = 112,
  SOCK_OPTION_UDP_SEGMENT = 120,
  SOCK_OPTION_UDP_GRO = 121,
  SOCK_OPTION_UDPLITE_SEND_CSCOV = 122,
  SOCK_OPTION_UDPLITE_RECV_CSCOV = 123,
  SOCK_OPTION_DCCP_SERVICE = 160,
  SOCK_OPTION_DCCP_CCID = 161,
  SOCK_OPTION_DCCP_TX_CCID = 162,
  SOCK_OPTION_DCCP_XX_CCID = 163,
  SOCK_OPTION_DCCP_SERVER_TIMEWAIT = 164,
  SOCK_OPTION_DCCP_SEND_CSCOV = 165,
  SOCK_OPTION_DCCP_RECV_CSCOV = 166,
  SOCK_OPTION_DCCP_QPOLICY_TXQLEN = 167,
  SOCK_OPTION_DCCP_AVAILABLE_CCIDS = 168,
  SOCK_OPTION_DCCP_CUR_MPS = 169,
  SOCK_OPTION_ADD_PACKET_MEMBERSHIP = 180,
  SOCK_OPTION_DROP_PACKET_MEMBERSHIP = 181,
  SOCK_OPTION_PACKET_STATISTICS = 182,
  SOCK_OPTION_PACKET_AUXDATA = 183,
  SOCK_OPTION_PACKET_FANOUT = 184,
  SOCK_OPTION_PACKET_QDISC_BYPASS = 185,
  SOCK_OPTION_PACKET_IGNORE_OUTGOING = 186,
  SOCK_OPTION_ADD_NETLINK_MEMBERSHIP = 200,
  SOCK_OPTION_DROP_NETLINK_MEMBERSHIP = 201,
  SOCK_OPTION_NETLINK_PKTINFO = 202,
  SOCK_OPTION_NETLINK_BROADCAST_ERROR = 203,
  SOCK_OPTION_NETLINK_NO_ENOBUFS = 204,
  SOCK_OPTION_NETLINK_CAP_ACK = 205,
  SOCK_OPTION_NETLINK_EXT_ACK = 206,
  SOCK_OPTION_NETLINK_STRICT_CHECK = 207,
  SOCK_OPTION_ICMP_FILTER = 220,
  SOCK_OPTION_ICMP6_FILTER = 221,
  SOCK_OPTION_COUNT = 222
};
#endif
#endif
