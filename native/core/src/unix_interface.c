/* Names and indexes of network interfaces. */
#include "system.h"

#ifdef SOCK_SYSTEM_UNIX

#include <net/if.h>

_Static_assert(SOCK_INTERFACE_NAME >= IF_NAMESIZE, "room for every name");

int64_t sock_interface_index(const char *name, size_t length) {
  char text[IF_NAMESIZE];
  /* The length is checked first, because memchr and memcpy take no null pointer. */
  if (length == 0 || length >= sizeof(text) || memchr(name, 0, length) != NULL) return -ENODEV;
  memcpy(text, name, length);
  text[length] = 0;
  const unsigned index = if_nametoindex(text);
  return index == 0 ? sock_fail() : (int64_t)index;
}

int sock_interface_name(uint32_t index, char *name, size_t room) {
  char text[IF_NAMESIZE];
  if (if_indextoname(index, text) == NULL) return sock_fail();
  const size_t length = strnlen(text, sizeof(text));
  if (length > room) return -EINVAL;
  memcpy(name, text, length);
  return (int)length;
}

int64_t sock_interfaces(sock_interface *list, size_t room) {
  struct if_nameindex *const all = if_nameindex();
  if (all == NULL) return sock_fail();
  size_t count = 0;
  for (; all[count].if_index != 0; count++) {
    if (count >= room) continue;
    memset(&list[count], 0, sizeof(list[count]));
    list[count].index = all[count].if_index;
    memcpy(list[count].name, all[count].if_name, strnlen(all[count].if_name, IF_NAMESIZE - 1));
  }
  if_freenameindex(all);
  return (int64_t)count;
}

#endif
