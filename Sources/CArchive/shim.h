/* libarchive: tar shards, and the zip files that .npz files are. */
#ifndef DBC_ARCHIVE_SHIM_H
#define DBC_ARCHIVE_SHIM_H
#include <archive.h>
#include <archive_entry.h>
#endif
