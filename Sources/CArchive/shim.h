/* libarchive: tar files of pictures, plain or packed. */
#ifndef DBC_ARCHIVE_SHIM_H
#define DBC_ARCHIVE_SHIM_H
#include <archive.h>
#include <archive_entry.h>
#endif
