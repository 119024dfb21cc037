/*
 * Error numbers on Windows. They are libuv's without the sign, because node shows those (`err.errno`). Names that
 * libuv lacks have Winsock's numbers. <errno.h> has the numbers of the C library, which no call of Winsock returns.
 *
 * @see https://github.com/libuv/libuv/blob/v1.x/include/uv/errno.h
 */
#ifndef SOCK_WINDOWS_ERRNO_H
#define SOCK_WINDOWS_ERRNO_H

#include <errno.h>

#undef E2BIG
#define E2BIG 4093
#undef EACCES
#define EACCES 4092
#undef EADDRINUSE
#define EADDRINUSE 4091
#undef EADDRNOTAVAIL
#define EADDRNOTAVAIL 4090
#undef EAFNOSUPPORT
#define EAFNOSUPPORT 4089
#undef EAGAIN
#define EAGAIN 4088
#undef EALREADY
#define EALREADY 4084
#undef EBADF
#define EBADF 4083
#undef EBUSY
#define EBUSY 4082
#undef ECANCELED
#define ECANCELED 4081
#undef ECONNABORTED
#define ECONNABORTED 4079
#undef ECONNREFUSED
#define ECONNREFUSED 4078
#undef ECONNRESET
#define ECONNRESET 4077
#undef EDESTADDRREQ
#define EDESTADDRREQ 4076
#undef EEXIST
#define EEXIST 4075
#undef EFAULT
#define EFAULT 4074
#undef EHOSTUNREACH
#define EHOSTUNREACH 4073
#undef EINTR
#define EINTR 4072
#undef EINVAL
#define EINVAL 4071
#undef EIO
#define EIO 4070
#undef EISCONN
#define EISCONN 4069
#undef EISDIR
#define EISDIR 4068
#undef ELOOP
#define ELOOP 4067
#undef EMFILE
#define EMFILE 4066
#undef EMSGSIZE
#define EMSGSIZE 4065
#undef ENAMETOOLONG
#define ENAMETOOLONG 4064
#undef ENETDOWN
#define ENETDOWN 4063
#undef ENETUNREACH
#define ENETUNREACH 4062
#undef ENFILE
#define ENFILE 4061
#undef ENOBUFS
#define ENOBUFS 4060
#undef ENODEV
#define ENODEV 4059
#undef ENOENT
#define ENOENT 4058
#undef ENOMEM
#define ENOMEM 4057
#undef ENOSPC
#define ENOSPC 4055
#undef ENOSYS
#define ENOSYS 4054
#undef ENOTCONN
#define ENOTCONN 4053
#undef ENOTDIR
#define ENOTDIR 4052
#undef ENOTEMPTY
#define ENOTEMPTY 4051
#undef ENOTSOCK
#define ENOTSOCK 4050
#undef ENOTSUP
#define ENOTSUP 4049
#undef EPERM
#define EPERM 4048
#undef EPIPE
#define EPIPE 4047
#undef EPROTO
#define EPROTO 4046
#undef EPROTONOSUPPORT
#define EPROTONOSUPPORT 4045
#undef EPROTOTYPE
#define EPROTOTYPE 4044
#undef EROFS
#define EROFS 4043
#undef ETIMEDOUT
#define ETIMEDOUT 4039
#undef EHOSTDOWN
#define EHOSTDOWN 4031
#undef ENOPROTOOPT
#define ENOPROTOOPT 4035
#undef ERANGE
#define ERANGE 4034
#undef ENXIO
#define ENXIO 4033
#undef ESOCKTNOSUPPORT
#define ESOCKTNOSUPPORT 4025
#undef EINPROGRESS
#define EINPROGRESS 10036
#undef EPFNOSUPPORT
#define EPFNOSUPPORT 10046
#undef ENETRESET
#define ENETRESET 10052
#undef ETOOMANYREFS
#define ETOOMANYREFS 10059
#undef EPROCLIM
#define EPROCLIM 10067
#undef EUSERS
#define EUSERS 10068
#undef EDQUOT
#define EDQUOT 10069
#undef ESTALE
#define ESTALE 10070
#undef EREMOTE
#define EREMOTE 10071
/* Second names with the number of the first. */
#undef EWOULDBLOCK
#define EWOULDBLOCK EAGAIN
#undef EOPNOTSUPP
#define EOPNOTSUPP ENOTSUP
#undef ESHUTDOWN
#define ESHUTDOWN EPIPE

#endif
