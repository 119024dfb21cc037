/* Names and indexes of network interfaces on Windows. */
#include "system.h"

#ifdef SOCK_SYSTEM_WINDOWS

#include <iphlpapi.h>

#include <netioapi.h>

int64_t sock_interface_index(const char *name, size_t length) {
  char text[IF_NAMESIZE];
  if (length >= sizeof(text) || memchr(name, 0, length) != NULL) return -ENODEV;
  memcpy(text, name, length);
  text[length] = 0;
  const unsigned index = if_nametoindex(text);
  /* The function sets no error. */
  return index == 0 ? -ENODEV : (int64_t)index;
}

int sock_interface_name(uint32_t index, char *name, size_t room) {
  char text[IF_NAMESIZE];
  if (if_indextoname(index, text) == NULL) return -ENXIO;
  const size_t length = strnlen(text, sizeof(text));
  if (length > room) return -EINVAL;
  memcpy(name, text, length);
  return (int)length;
}

int64_t sock_interfaces(sock_interface *list, size_t room) {
  MIB_IF_TABLE2 *table = NULL;
  const DWORD error = GetIfTable2(&table);
  if (error != NO_ERROR) return -sock_error_number((int)error);
  int64_t count = 0;
  for (ULONG i = 0; i < table->NumEntries; i++) {
    char name[IF_NAMESIZE];
    const uint32_t index = table->Table[i].InterfaceIndex;
    /* Some entries are filters of other interfaces. if_nametoindex does not know their names. */
    if (if_indextoname(index, name) == NULL) continue;
    const size_t length = strnlen(name, sizeof(name));
    if (length >= SOCK_INTERFACE_NAME) continue;
    if ((size_t)count < room) {
      memset(&list[count], 0, sizeof(list[count]));
      list[count].index = index;
      memcpy(list[count].name, name, length);
    }
    count++;
  }
  FreeMibTable(table);
  return count;
}

#endif
