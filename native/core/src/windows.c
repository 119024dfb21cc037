/* Opening, naming and closing sockets on Windows. */
#include "system.h"

#ifdef SOCK_SYSTEM_WINDOWS

const char *const sock_system = "win32";

/* A program may add these to the type, as it may add SOCK_CLOEXEC on Linux. No type of Windows has these bits. */
#define TYPE_FLAGS (WSA_FLAG_NO_HANDLE_INHERIT | WSA_FLAG_REGISTERED_IO)

static int wrap(SOCKET socket, sock_handle *handle) {
  /*
   * A process has far fewer handles. The check is there because a number that JavaScript cannot hold would be lost.
   */
  if (socket > INT_MAX) {
    closesocket(socket);
    return -EMFILE;
  }
  *handle = (sock_handle)socket;
  return 0;
}

static SOCKET open_socket(int domain, int type, int protocol, WSAPROTOCOL_INFOW *info,
                          DWORD flags) {
  const SOCKET opened = WSASocketW(domain, type, protocol, info, 0, flags);
  if (opened != INVALID_SOCKET || WSAGetLastError() != WSANOTINITIALISED) return opened;
  /* The process has not started Winsock yet. Node starts it, other programs may not. */
  WSADATA data;
  const int error = WSAStartup(MAKEWORD(2, 2), &data);
  if (error != 0) {
    WSASetLastError(error);
    return INVALID_SOCKET;
  }
  return WSASocketW(domain, type, protocol, info, 0, flags);
}

int64_t sock_open(int domain, int type, int protocol, unsigned flags) {
  DWORD flag = WSA_FLAG_OVERLAPPED;
  if (type >= 0) {
    flag |= (DWORD)type & TYPE_FLAGS;
    type &= ~TYPE_FLAGS;
  }
  if (!(flags & SOCK_OPEN_INHERITABLE)) flag |= WSA_FLAG_NO_HANDLE_INHERIT;
  const SOCKET opened = open_socket(domain, type, protocol, NULL, flag);
  if (opened == INVALID_SOCKET) return sock_fail();
  sock_handle handle = -1;
  const int result = wrap(opened, &handle);
  if (result < 0) return result;
  /* The number may have belonged to a socket that somebody else closed. */
  sock_mode_forget(opened);
  return handle;
}

int sock_pair(int domain, int type, int protocol, unsigned flags, sock_handle out[2]) {
  (void)domain, (void)type, (void)protocol, (void)flags, (void)out;
  return -SOCK_EUNSUPPORTED;
}

int sock_close(sock_handle socket) {
  const SOCKET number = sock_socket(socket);
  if (number == INVALID_SOCKET) return -EBADF;
  /* This comes first, because another thread may get the number once it is free. */
  sock_mode_forget(number);
  return closesocket(number) != 0 ? sock_fail() : 0;
}

int sock_check(sock_handle socket) {
  const SOCKET number = sock_socket(socket);
  if (number == INVALID_SOCKET) return -EBADF;
  int type = 0;
  int length = sizeof(type);
  if (getsockopt(number, SOL_SOCKET, SO_TYPE, (char *)&type, &length) == 0) return 0;
  const int error = sock_fail();
  DWORD flags = 0;
  /* Winsock has one error for "not a socket" and "not open". */
  return error == -ENOTSOCK && !GetHandleInformation((HANDLE)number, &flags) ? -EBADF : error;
}

static int set_inherit(SOCKET socket, int on) {
  const DWORD flag = on ? HANDLE_FLAG_INHERIT : 0;
  return SetHandleInformation((HANDLE)socket, HANDLE_FLAG_INHERIT, flag) ? 0 : sock_fail();
}

int sock_set_cloexec(sock_handle socket, int on) {
  /* Windows would also accept another kind of handle. */
  const int result = sock_check(socket);
  return result < 0 ? result : set_inherit(sock_socket(socket), !on);
}

int sock_bind(sock_handle socket, const sock_address *address) {
  const SOCKET number = sock_socket(socket);
  if (number == INVALID_SOCKET) return -EBADF;
  sock_system_address name;
  socklen_t length = 0;
  const int result = sock_address_encode(address, &name, &length);
  if (result < 0) return result;
  return bind(number, &name.any, length) != 0 ? sock_fail_with(number, &name) : 0;
}

int sock_listen(sock_handle socket, int backlog) {
  const SOCKET number = sock_socket(socket);
  if (number == INVALID_SOCKET) return -EBADF;
  return listen(number, backlog) != 0 ? sock_fail() : 0;
}

int64_t sock_accept4(sock_handle socket, sock_address *peer, int flags) {
  (void)peer, (void)flags;
  return sock_socket(socket) == INVALID_SOCKET ? -EBADF : -SOCK_EUNSUPPORTED;
}

/* Removes what a connection inherits from its listener and should not have. On failure closes the connection. */
static int finish_accept(SOCKET accepted, int nonblocking, unsigned flags) {
  int result = 0;
  sock_mode_forget(accepted);
  if (nonblocking) result = sock_mode_change(accepted, 0);
  if (result == 0 && !(flags & SOCK_OPEN_INHERITABLE)) result = set_inherit(accepted, 0);
  if (result < 0) closesocket(accepted);
  return result;
}

int64_t sock_accept(sock_handle socket, sock_address *peer, unsigned flags) {
  const SOCKET listener = sock_socket(socket);
  if (listener == INVALID_SOCKET) return -EBADF;
  const int held = flags & SOCK_OPEN_DONTWAIT ? sock_mode_hold(listener) : 0;
  if (held < 0) return held;
  sock_system_address name;
  int length = sizeof(name);
  memset(&name, 0, sizeof(name));
  const SOCKET accepted =
      accept(listener, peer == NULL ? NULL : &name.any, peer == NULL ? NULL : &length);
  sock_mode_release(listener, held);
  if (accepted == INVALID_SOCKET) return sock_fail();
  sock_handle handle = -1;
  int result = wrap(accepted, &handle);
  if (result < 0) return result;
  result = finish_accept(accepted, held || sock_mode_get(listener), flags);
  if (result < 0) return result;
  if (peer != NULL) sock_address_decode(&name, length, peer);
  return handle;
}

int sock_accept_batch(sock_handle socket, sock_handle *accepted, sock_address *peers, int count,
                      unsigned flags) {
  for (int done = 0; done < count; done++) {
    const int64_t result =
        sock_accept(socket, &peers[done], done > 0 ? flags | SOCK_OPEN_DONTWAIT : flags);
    if (result < 0) return done > 0 ? done : (int)result;
    accepted[done] = result;
  }
  return count;
}

int sock_protocol_info(SOCKET socket, WSAPROTOCOL_INFOW *info) {
  int length = sizeof(*info);
  return getsockopt(socket, SOL_SOCKET, SO_PROTOCOL_INFOW, (char *)info, &length) != 0 ? sock_fail()
                                                                                       : 0;
}

int sock_fail_with(SOCKET socket, const sock_system_address *name) {
  const int error = sock_fail();
  WSAPROTOCOL_INFOW info;
  if (sock_protocol_info(socket, &info) < 0) return error;
  return info.iAddressFamily != name->any.sa_family ? -EAFNOSUPPORT : error;
}

int sock_has_messages(SOCKET socket) {
  int type = 0;
  int length = sizeof(type);
  if (getsockopt(socket, SOL_SOCKET, SO_TYPE, (char *)&type, &length) != 0) return sock_fail();
  return type == SOCK_DGRAM || type == SOCK_RAW;
}

int sock_local_address(sock_handle socket, sock_address *address) {
  const SOCKET number = sock_socket(socket);
  if (number == INVALID_SOCKET) return -EBADF;
  sock_system_address name;
  int length = sizeof(name);
  memset(&name, 0, sizeof(name));
  if (getsockname(number, &name.any, &length) == 0) {
    sock_address_decode(&name, length, address);
    return 0;
  }
  const int error = sock_fail();
  WSAPROTOCOL_INFOW info;
  /* On unix a socket that is not bound has an address too: its family and zeros. */
  if (error != -EINVAL || sock_protocol_info(number, &info) < 0) return error;
  memset(&name, 0, sizeof(name));
  name.any.sa_family = (u_short)info.iAddressFamily;
  sock_address_decode(&name, (socklen_t)sizeof(name), address);
  return 0;
}

int sock_peer_address(sock_handle socket, sock_address *address) {
  const SOCKET number = sock_socket(socket);
  if (number == INVALID_SOCKET) return -EBADF;
  sock_system_address name;
  int length = sizeof(name);
  memset(&name, 0, sizeof(name));
  if (getpeername(number, &name.any, &length) != 0) return sock_fail();
  sock_address_decode(&name, length, address);
  return 0;
}

int64_t sock_duplicate(sock_handle socket) {
  const SOCKET number = sock_socket(socket);
  if (number == INVALID_SOCKET) return -EBADF;
  WSAPROTOCOL_INFOW info;
  if (WSADuplicateSocketW(number, GetCurrentProcessId(), &info) != 0) return sock_fail();
  const SOCKET clone = open_socket(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO,
                                   &info, WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT);
  if (clone == INVALID_SOCKET) return sock_fail();
  sock_handle handle = -1;
  int result = wrap(clone, &handle);
  if (result < 0) return result;
  result = sock_mode_share(number, clone);
  if (result < 0) {
    closesocket(clone);
    return result;
  }
  return handle;
}

int sock_nonblocking(sock_handle socket) {
  const int result = sock_check(socket);
  return result < 0 ? result : sock_mode_get(sock_socket(socket));
}

int sock_set_nonblocking(sock_handle socket, int on) {
  const SOCKET number = sock_socket(socket);
  return number == INVALID_SOCKET ? -EBADF : sock_mode_change(number, on);
}

int sock_shutdown(sock_handle socket, int how) {
  const SOCKET number = sock_socket(socket);
  if (number == INVALID_SOCKET) return -EBADF;
  static const int directions[] = {SD_RECEIVE, SD_SEND, SD_BOTH};
  if (how < 0 || how > 2) return -EINVAL;
  return shutdown(number, directions[how]) != 0 ? sock_fail() : 0;
}

#endif
