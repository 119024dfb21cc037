/* The named numbers of this system. A name is here if the headers define it. */
#include "system.h"

#if defined(SOCK_SYSTEM_UNIX) || defined(SOCK_SYSTEM_WASI) || defined(SOCK_SYSTEM_WINDOWS)

const sock_constant sock_constants[] = {
/* socket(2): domains */
#ifdef AF_ALG
    {"AF_ALG", AF_ALG},
#endif
#ifdef AF_APPLETALK
    {"AF_APPLETALK", AF_APPLETALK},
#endif
#ifdef AF_ASH
    {"AF_ASH", AF_ASH},
#endif
#ifdef AF_ATMPVC
    {"AF_ATMPVC", AF_ATMPVC},
#endif
#ifdef AF_ATMSVC
    {"AF_ATMSVC", AF_ATMSVC},
#endif
#ifdef AF_AX25
    {"AF_AX25", AF_AX25},
#endif
#ifdef AF_BLUETOOTH
    {"AF_BLUETOOTH", AF_BLUETOOTH},
#endif
#ifdef AF_BRIDGE
    {"AF_BRIDGE", AF_BRIDGE},
#endif
#ifdef AF_CAIF
    {"AF_CAIF", AF_CAIF},
#endif
#ifdef AF_CAN
    {"AF_CAN", AF_CAN},
#endif
#ifdef AF_DIVERT
    {"AF_DIVERT", AF_DIVERT},
#endif
#ifdef AF_ECONET
    {"AF_ECONET", AF_ECONET},
#endif
#ifdef AF_FILE
    {"AF_FILE", AF_FILE},
#endif
#ifdef AF_HYPERV
    {"AF_HYPERV", AF_HYPERV},
#endif
#ifdef AF_IB
    {"AF_IB", AF_IB},
#endif
#ifdef AF_IEEE802154
    {"AF_IEEE802154", AF_IEEE802154},
#endif
#ifdef AF_INET
    {"AF_INET", AF_INET},
#endif
#ifdef AF_INET6
    {"AF_INET6", AF_INET6},
#endif
#ifdef AF_INET_SDP
    {"AF_INET_SDP", AF_INET_SDP},
#endif
#ifdef AF_IPX
    {"AF_IPX", AF_IPX},
#endif
#ifdef AF_IRDA
    {"AF_IRDA", AF_IRDA},
#endif
#ifdef AF_ISDN
    {"AF_ISDN", AF_ISDN},
#endif
#ifdef AF_IUCV
    {"AF_IUCV", AF_IUCV},
#endif
#ifdef AF_KCM
    {"AF_KCM", AF_KCM},
#endif
#ifdef AF_KEY
    {"AF_KEY", AF_KEY},
#endif
#ifdef AF_LINK
    {"AF_LINK", AF_LINK},
#endif
#ifdef AF_LLC
    {"AF_LLC", AF_LLC},
#endif
#if defined(AF_LOCAL) && !defined(SOCK_SYSTEM_WASI)
    {"AF_LOCAL", AF_LOCAL},
#endif
#ifdef AF_MCTP
    {"AF_MCTP", AF_MCTP},
#endif
#ifdef AF_MPLS
    {"AF_MPLS", AF_MPLS},
#endif
#ifdef AF_NDRV
    {"AF_NDRV", AF_NDRV},
#endif
#ifdef AF_NETBEUI
    {"AF_NETBEUI", AF_NETBEUI},
#endif
#ifdef AF_NETLINK
    {"AF_NETLINK", AF_NETLINK},
#endif
#ifdef AF_NETROM
    {"AF_NETROM", AF_NETROM},
#endif
#ifdef AF_NFC
    {"AF_NFC", AF_NFC},
#endif
#ifdef AF_PACKET
    {"AF_PACKET", AF_PACKET},
#endif
#ifdef AF_PHONET
    {"AF_PHONET", AF_PHONET},
#endif
#ifdef AF_PPPOX
    {"AF_PPPOX", AF_PPPOX},
#endif
#ifdef AF_QIPCRTR
    {"AF_QIPCRTR", AF_QIPCRTR},
#endif
#ifdef AF_RDS
    {"AF_RDS", AF_RDS},
#endif
#ifdef AF_ROSE
    {"AF_ROSE", AF_ROSE},
#endif
#ifdef AF_ROUTE
    {"AF_ROUTE", AF_ROUTE},
#endif
#ifdef AF_RXRPC
    {"AF_RXRPC", AF_RXRPC},
#endif
#ifdef AF_SECURITY
    {"AF_SECURITY", AF_SECURITY},
#endif
#ifdef AF_SMC
    {"AF_SMC", AF_SMC},
#endif
#ifdef AF_SNA
    {"AF_SNA", AF_SNA},
#endif
#ifdef AF_SYSTEM
    {"AF_SYSTEM", AF_SYSTEM},
#endif
#ifdef AF_TIPC
    {"AF_TIPC", AF_TIPC},
#endif
#if defined(AF_UNIX) && !defined(SOCK_SYSTEM_WASI) /* defined there, but not supported */
    {"AF_UNIX", AF_UNIX},
#endif
#ifdef AF_UNSPEC
    {"AF_UNSPEC", AF_UNSPEC},
#endif
#ifdef AF_UTUN
    {"AF_UTUN", AF_UTUN},
#endif
#ifdef AF_VSOCK
    {"AF_VSOCK", AF_VSOCK},
#endif
#ifdef AF_WANPIPE
    {"AF_WANPIPE", AF_WANPIPE},
#endif
#ifdef AF_X25
    {"AF_X25", AF_X25},
#endif
#ifdef AF_XDP
    {"AF_XDP", AF_XDP},
#endif
/* socket(2): types */
#ifdef SOCK_STREAM
    {"SOCK_STREAM", SOCK_STREAM},
#endif
#ifdef SOCK_DGRAM
    {"SOCK_DGRAM", SOCK_DGRAM},
#endif
#ifdef SOCK_RAW
    {"SOCK_RAW", SOCK_RAW},
#endif
#ifdef SOCK_RDM
    {"SOCK_RDM", SOCK_RDM},
#endif
/* Windows defines the number but has no such sockets. */
#if defined(SOCK_SEQPACKET) && !defined(SOCK_SYSTEM_WINDOWS)
    {"SOCK_SEQPACKET", SOCK_SEQPACKET},
#endif
#ifdef SOCK_DCCP
    {"SOCK_DCCP", SOCK_DCCP},
#endif
#ifdef SOCK_PACKET
    {"SOCK_PACKET", SOCK_PACKET},
#endif
#ifdef SOCK_NONBLOCK
    {"SOCK_NONBLOCK", SOCK_NONBLOCK},
#endif
#ifdef SOCK_CLOEXEC
    {"SOCK_CLOEXEC", SOCK_CLOEXEC},
#endif
/* socket(2): protocols of the internet domains */
#ifdef IPPROTO_AH
    {"IPPROTO_AH", IPPROTO_AH},
#endif
#ifdef IPPROTO_BEETPH
    {"IPPROTO_BEETPH", IPPROTO_BEETPH},
#endif
#ifdef IPPROTO_CARP
    {"IPPROTO_CARP", IPPROTO_CARP},
#endif
#ifdef IPPROTO_COMP
    {"IPPROTO_COMP", IPPROTO_COMP},
#endif
#ifdef IPPROTO_DCCP
    {"IPPROTO_DCCP", IPPROTO_DCCP},
#endif
#ifdef IPPROTO_DIVERT
    {"IPPROTO_DIVERT", IPPROTO_DIVERT},
#endif
#ifdef IPPROTO_DSTOPTS
    {"IPPROTO_DSTOPTS", IPPROTO_DSTOPTS},
#endif
#ifdef IPPROTO_EGP
    {"IPPROTO_EGP", IPPROTO_EGP},
#endif
#ifdef IPPROTO_ENCAP
    {"IPPROTO_ENCAP", IPPROTO_ENCAP},
#endif
#ifdef IPPROTO_EON
    {"IPPROTO_EON", IPPROTO_EON},
#endif
#ifdef IPPROTO_ESP
    {"IPPROTO_ESP", IPPROTO_ESP},
#endif
#ifdef IPPROTO_ETHERNET
    {"IPPROTO_ETHERNET", IPPROTO_ETHERNET},
#endif
#ifdef IPPROTO_FRAGMENT
    {"IPPROTO_FRAGMENT", IPPROTO_FRAGMENT},
#endif
#ifdef IPPROTO_GGP
    {"IPPROTO_GGP", IPPROTO_GGP},
#endif
#ifdef IPPROTO_GRE
    {"IPPROTO_GRE", IPPROTO_GRE},
#endif
#ifdef IPPROTO_HELLO
    {"IPPROTO_HELLO", IPPROTO_HELLO},
#endif
#ifdef IPPROTO_HOPOPTS
    {"IPPROTO_HOPOPTS", IPPROTO_HOPOPTS},
#endif
#ifdef IPPROTO_ICMP
    {"IPPROTO_ICMP", IPPROTO_ICMP},
#endif
#ifdef IPPROTO_ICMPV6
    {"IPPROTO_ICMPV6", IPPROTO_ICMPV6},
#endif
#ifdef IPPROTO_IDP
    {"IPPROTO_IDP", IPPROTO_IDP},
#endif
#ifdef IPPROTO_IGMP
    {"IPPROTO_IGMP", IPPROTO_IGMP},
#endif
#ifdef IPPROTO_IP
    {"IPPROTO_IP", IPPROTO_IP},
#endif
#ifdef IPPROTO_IPCOMP
    {"IPPROTO_IPCOMP", IPPROTO_IPCOMP},
#endif
#ifdef IPPROTO_IPIP
    {"IPPROTO_IPIP", IPPROTO_IPIP},
#endif
#ifdef IPPROTO_IPV4
    {"IPPROTO_IPV4", IPPROTO_IPV4},
#endif
#ifdef IPPROTO_IPV6
    {"IPPROTO_IPV6", IPPROTO_IPV6},
#endif
#ifdef IPPROTO_L2TP
    {"IPPROTO_L2TP", IPPROTO_L2TP},
#endif
#ifdef IPPROTO_MH
    {"IPPROTO_MH", IPPROTO_MH},
#endif
#ifdef IPPROTO_MPLS
    {"IPPROTO_MPLS", IPPROTO_MPLS},
#endif
#ifdef IPPROTO_MPTCP
    {"IPPROTO_MPTCP", IPPROTO_MPTCP},
#endif
#ifdef IPPROTO_MTP
    {"IPPROTO_MTP", IPPROTO_MTP},
#endif
#ifdef IPPROTO_ND
    {"IPPROTO_ND", IPPROTO_ND},
#endif
#ifdef IPPROTO_NONE
    {"IPPROTO_NONE", IPPROTO_NONE},
#endif
#ifdef IPPROTO_PFSYNC
    {"IPPROTO_PFSYNC", IPPROTO_PFSYNC},
#endif
#ifdef IPPROTO_PIM
    {"IPPROTO_PIM", IPPROTO_PIM},
#endif
#ifdef IPPROTO_PUP
    {"IPPROTO_PUP", IPPROTO_PUP},
#endif
#ifdef IPPROTO_RAW
    {"IPPROTO_RAW", IPPROTO_RAW},
#endif
#ifdef IPPROTO_ROUTING
    {"IPPROTO_ROUTING", IPPROTO_ROUTING},
#endif
#ifdef IPPROTO_RSVP
    {"IPPROTO_RSVP", IPPROTO_RSVP},
#endif
#ifdef IPPROTO_SCTP
    {"IPPROTO_SCTP", IPPROTO_SCTP},
#endif
#ifdef IPPROTO_TCP
    {"IPPROTO_TCP", IPPROTO_TCP},
#endif
#ifdef IPPROTO_TP
    {"IPPROTO_TP", IPPROTO_TP},
#endif
#ifdef IPPROTO_UDP
    {"IPPROTO_UDP", IPPROTO_UDP},
#endif
#ifdef IPPROTO_UDPLITE
    {"IPPROTO_UDPLITE", IPPROTO_UDPLITE},
#endif
#ifdef IPPROTO_VRRP
    {"IPPROTO_VRRP", IPPROTO_VRRP},
#endif
/* socket(2): protocols of the netlink domain */
#ifdef NETLINK_AUDIT
    {"NETLINK_AUDIT", NETLINK_AUDIT},
#endif
#ifdef NETLINK_CONNECTOR
    {"NETLINK_CONNECTOR", NETLINK_CONNECTOR},
#endif
#ifdef NETLINK_CRYPTO
    {"NETLINK_CRYPTO", NETLINK_CRYPTO},
#endif
#ifdef NETLINK_DNRTMSG
    {"NETLINK_DNRTMSG", NETLINK_DNRTMSG},
#endif
#ifdef NETLINK_ECRYPTFS
    {"NETLINK_ECRYPTFS", NETLINK_ECRYPTFS},
#endif
#ifdef NETLINK_FIB_LOOKUP
    {"NETLINK_FIB_LOOKUP", NETLINK_FIB_LOOKUP},
#endif
#ifdef NETLINK_FIREWALL
    {"NETLINK_FIREWALL", NETLINK_FIREWALL},
#endif
#ifdef NETLINK_GENERIC
    {"NETLINK_GENERIC", NETLINK_GENERIC},
#endif
#ifdef NETLINK_INET_DIAG
    {"NETLINK_INET_DIAG", NETLINK_INET_DIAG},
#endif
#ifdef NETLINK_ISCSI
    {"NETLINK_ISCSI", NETLINK_ISCSI},
#endif
#ifdef NETLINK_KOBJECT_UEVENT
    {"NETLINK_KOBJECT_UEVENT", NETLINK_KOBJECT_UEVENT},
#endif
#ifdef NETLINK_NETFILTER
    {"NETLINK_NETFILTER", NETLINK_NETFILTER},
#endif
#ifdef NETLINK_NFLOG
    {"NETLINK_NFLOG", NETLINK_NFLOG},
#endif
#ifdef NETLINK_RDMA
    {"NETLINK_RDMA", NETLINK_RDMA},
#endif
#ifdef NETLINK_ROUTE
    {"NETLINK_ROUTE", NETLINK_ROUTE},
#endif
#ifdef NETLINK_SCSITRANSPORT
    {"NETLINK_SCSITRANSPORT", NETLINK_SCSITRANSPORT},
#endif
#ifdef NETLINK_SELINUX
    {"NETLINK_SELINUX", NETLINK_SELINUX},
#endif
#ifdef NETLINK_SMC
    {"NETLINK_SMC", NETLINK_SMC},
#endif
#ifdef NETLINK_SOCK_DIAG
    {"NETLINK_SOCK_DIAG", NETLINK_SOCK_DIAG},
#endif
#ifdef NETLINK_USERSOCK
    {"NETLINK_USERSOCK", NETLINK_USERSOCK},
#endif
#ifdef NETLINK_XFRM
    {"NETLINK_XFRM", NETLINK_XFRM},
#endif
/* shutdown(2) */
#ifdef SHUT_RD
    {"SHUT_RD", SHUT_RD},
#endif
#ifdef SHUT_WR
    {"SHUT_WR", SHUT_WR},
#endif
#ifdef SHUT_RDWR
    {"SHUT_RDWR", SHUT_RDWR},
#endif
/* recv(2), send(2) */
#ifdef MSG_BATCH
    {"MSG_BATCH", MSG_BATCH},
#endif
#ifdef MSG_BCAST
    {"MSG_BCAST", MSG_BCAST},
#endif
#ifdef MSG_CMSG_CLOEXEC
    {"MSG_CMSG_CLOEXEC", MSG_CMSG_CLOEXEC},
#endif
#ifdef MSG_CONFIRM
    {"MSG_CONFIRM", MSG_CONFIRM},
#endif
#ifdef MSG_CTRUNC
    {"MSG_CTRUNC", MSG_CTRUNC},
#endif
#ifdef MSG_DONTROUTE
    {"MSG_DONTROUTE", MSG_DONTROUTE},
#endif
#ifdef MSG_DONTWAIT
    {"MSG_DONTWAIT", MSG_DONTWAIT},
#endif
#ifdef MSG_EOF
    {"MSG_EOF", MSG_EOF},
#endif
#ifdef MSG_EOR
    {"MSG_EOR", MSG_EOR},
#endif
#ifdef MSG_ERRQUEUE
    {"MSG_ERRQUEUE", MSG_ERRQUEUE},
#endif
#ifdef MSG_FASTOPEN
    {"MSG_FASTOPEN", MSG_FASTOPEN},
#endif
#ifdef MSG_FIN
    {"MSG_FIN", MSG_FIN},
#endif
#ifdef MSG_FLUSH
    {"MSG_FLUSH", MSG_FLUSH},
#endif
#ifdef MSG_HAVEMORE
    {"MSG_HAVEMORE", MSG_HAVEMORE},
#endif
#ifdef MSG_HOLD
    {"MSG_HOLD", MSG_HOLD},
#endif
#ifdef MSG_MCAST
    {"MSG_MCAST", MSG_MCAST},
#endif
#ifdef MSG_MORE
    {"MSG_MORE", MSG_MORE},
#endif
#ifdef MSG_NBIO
    {"MSG_NBIO", MSG_NBIO},
#endif
#ifdef MSG_NEEDSA
    {"MSG_NEEDSA", MSG_NEEDSA},
#endif
#ifdef MSG_NOSIGNAL
    {"MSG_NOSIGNAL", MSG_NOSIGNAL},
#endif
#ifdef MSG_NOTIFICATION
    {"MSG_NOTIFICATION", MSG_NOTIFICATION},
#endif
#ifdef MSG_OOB
    {"MSG_OOB", MSG_OOB},
#endif
#ifdef MSG_PEEK
    {"MSG_PEEK", MSG_PEEK},
#endif
#ifdef MSG_PROXY
    {"MSG_PROXY", MSG_PROXY},
#endif
#ifdef MSG_RCVMORE
    {"MSG_RCVMORE", MSG_RCVMORE},
#endif
#ifdef MSG_RST
    {"MSG_RST", MSG_RST},
#endif
#ifdef MSG_SEND
    {"MSG_SEND", MSG_SEND},
#endif
#ifdef MSG_SYN
    {"MSG_SYN", MSG_SYN},
#endif
#ifdef MSG_TRUNC
    {"MSG_TRUNC", MSG_TRUNC},
#endif
#ifdef MSG_TRYHARD
    {"MSG_TRYHARD", MSG_TRYHARD},
#endif
#ifdef MSG_WAITALL
    {"MSG_WAITALL", MSG_WAITALL},
#endif
#ifdef MSG_WAITFORONE
    {"MSG_WAITFORONE", MSG_WAITFORONE},
#endif
#ifdef MSG_ZEROCOPY
    {"MSG_ZEROCOPY", MSG_ZEROCOPY},
#endif
/* getsockopt(2), setsockopt(2): levels */
#ifdef SOL_AAL
    {"SOL_AAL", SOL_AAL},
#endif
#ifdef SOL_ALG
    {"SOL_ALG", SOL_ALG},
#endif
#ifdef SOL_ATM
    {"SOL_ATM", SOL_ATM},
#endif
#ifdef SOL_BLUETOOTH
    {"SOL_BLUETOOTH", SOL_BLUETOOTH},
#endif
#ifdef SOL_CAIF
    {"SOL_CAIF", SOL_CAIF},
#endif
#ifdef SOL_DCCP
    {"SOL_DCCP", SOL_DCCP},
#endif
#ifdef SOL_DECNET
    {"SOL_DECNET", SOL_DECNET},
#endif
#ifdef SOL_ICMPV6
    {"SOL_ICMPV6", SOL_ICMPV6},
#endif
#ifdef SOL_IP
    {"SOL_IP", SOL_IP},
#endif
#ifdef SOL_IPV6
    {"SOL_IPV6", SOL_IPV6},
#endif
#ifdef SOL_IRDA
    {"SOL_IRDA", SOL_IRDA},
#endif
#ifdef SOL_IUCV
    {"SOL_IUCV", SOL_IUCV},
#endif
#ifdef SOL_KCM
    {"SOL_KCM", SOL_KCM},
#endif
#ifdef SOL_LLC
    {"SOL_LLC", SOL_LLC},
#endif
#ifdef SOL_LOCAL
    {"SOL_LOCAL", SOL_LOCAL},
#endif
#ifdef SOL_MCTP
    {"SOL_MCTP", SOL_MCTP},
#endif
#ifdef SOL_MPTCP
    {"SOL_MPTCP", SOL_MPTCP},
#endif
#ifdef SOL_NETBEUI
    {"SOL_NETBEUI", SOL_NETBEUI},
#endif
#ifdef SOL_NETLINK
    {"SOL_NETLINK", SOL_NETLINK},
#endif
#ifdef SOL_NFC
    {"SOL_NFC", SOL_NFC},
#endif
#ifdef SOL_PACKET
    {"SOL_PACKET", SOL_PACKET},
#endif
#ifdef SOL_PNPIPE
    {"SOL_PNPIPE", SOL_PNPIPE},
#endif
#ifdef SOL_PPPOL2TP
    {"SOL_PPPOL2TP", SOL_PPPOL2TP},
#endif
#ifdef SOL_RAW
    {"SOL_RAW", SOL_RAW},
#endif
#ifdef SOL_RDS
    {"SOL_RDS", SOL_RDS},
#endif
#ifdef SOL_RXRPC
    {"SOL_RXRPC", SOL_RXRPC},
#endif
#ifdef SOL_SMC
    {"SOL_SMC", SOL_SMC},
#endif
#ifdef SOL_SOCKET
    {"SOL_SOCKET", SOL_SOCKET},
#endif
#ifdef SOL_TCP
    {"SOL_TCP", SOL_TCP},
#endif
#ifdef SOL_TIPC
    {"SOL_TIPC", SOL_TIPC},
#endif
#ifdef SOL_TLS
    {"SOL_TLS", SOL_TLS},
#endif
#ifdef SOL_UDP
    {"SOL_UDP", SOL_UDP},
#endif
#ifdef SOL_UDPLITE
    {"SOL_UDPLITE", SOL_UDPLITE},
#endif
#ifdef SOL_X25
    {"SOL_X25", SOL_X25},
#endif
#ifdef SOL_XDP
    {"SOL_XDP", SOL_XDP},
#endif
/* listen(2) */
#ifdef SOMAXCONN
    {"SOMAXCONN", SOMAXCONN},
#endif
/* sendmsg(2): control messages */
#ifdef SCM_RIGHTS
    {"SCM_RIGHTS", SCM_RIGHTS},
#endif
#ifdef SCM_CREDENTIALS
    {"SCM_CREDENTIALS", SCM_CREDENTIALS},
#endif
#ifdef SCM_TIMESTAMP
    {"SCM_TIMESTAMP", SCM_TIMESTAMP},
#endif
#ifdef SCM_TIMESTAMPNS
    {"SCM_TIMESTAMPNS", SCM_TIMESTAMPNS},
#endif
#ifdef SCM_TIMESTAMPING
    {"SCM_TIMESTAMPING", SCM_TIMESTAMPING},
#endif
#ifdef SO_RXQ_OVFL
    {"SO_RXQ_OVFL", SO_RXQ_OVFL},
#endif
#ifdef IP_PKTINFO
    {"IP_PKTINFO", IP_PKTINFO},
#endif
#ifdef IP_RECVERR
    {"IP_RECVERR", IP_RECVERR},
#endif
#ifdef IP_TOS
    {"IP_TOS", IP_TOS},
#endif
#ifdef IP_TTL
    {"IP_TTL", IP_TTL},
#endif
#ifdef IPV6_HOPLIMIT
    {"IPV6_HOPLIMIT", IPV6_HOPLIMIT},
#endif
#ifdef IPV6_PKTINFO
    {"IPV6_PKTINFO", IPV6_PKTINFO},
#endif
#ifdef IPV6_RECVERR
    {"IPV6_RECVERR", IPV6_RECVERR},
#endif
#ifdef IPV6_TCLASS
    {"IPV6_TCLASS", IPV6_TCLASS},
#endif
#if defined(__linux__)
    /* Numbers of the kernel for which older C libraries have no name. */
    {"UDP_GRO", 104},
    {"UDP_SEGMENT", 103},
#endif
#if defined(SOCK_SYSTEM_WINDOWS)
    /* An option that does the same, under the name that core knows. */
    {"UDP_GRO", UDP_COALESCED_INFO},
    {"UDP_SEGMENT", UDP_SEND_MSG_SIZE},
    /* Flags of a type, and a flag that is libsock's own. */
    {"WSA_FLAG_NO_HANDLE_INHERIT", WSA_FLAG_NO_HANDLE_INHERIT},
    {"WSA_FLAG_REGISTERED_IO", WSA_FLAG_REGISTERED_IO},
#endif
    {NULL, 0},
};

#endif
