// The functions of libarchive that are used here. Loaded when the first archive is unpacked or written: most commands do neither.
#pragma once

#include <archive.h>
#include <archive_entry.h>

#include "store/sys/shared_library.hpp"

namespace cas {

struct ArchiveApi {
  ArchiveApi();

  SharedLibrary library;
  decltype(::archive_read_new)* read_new;
  decltype(::archive_read_free)* read_free;
  decltype(::archive_read_support_filter_gzip)* support_gzip;
  decltype(::archive_read_support_filter_bzip2)* support_bzip2;
  decltype(::archive_read_support_filter_xz)* support_xz;
  decltype(::archive_read_support_format_tar)* support_tar;
  decltype(::archive_read_support_format_zip)* support_zip;
  decltype(::archive_read_open_fd)* open_fd;
  decltype(::archive_read_next_header)* next_header;
  decltype(::archive_read_data_block)* data_block;
  decltype(::archive_error_string)* error_string;
  decltype(::archive_entry_pathname)* pathname;
  decltype(::archive_entry_pathname_utf8)* pathname_utf8;
  decltype(::archive_entry_filetype)* filetype;
  decltype(::archive_entry_hardlink)* hardlink;
  decltype(::archive_entry_hardlink_utf8)* hardlink_utf8;
  decltype(::archive_entry_symlink)* symlink;
  decltype(::archive_entry_symlink_utf8)* symlink_utf8;
  decltype(::archive_entry_perm)* perm;
  decltype(::archive_entry_mtime)* mtime;
  decltype(::archive_entry_is_encrypted)* is_encrypted;
  decltype(::archive_write_new)* write_new;
  decltype(::archive_write_free)* write_free;
  decltype(::archive_write_set_format_zip)* write_zip;
  decltype(::archive_write_open_fd)* write_open_fd;
  decltype(::archive_write_header)* write_header;
  decltype(::archive_write_data)* write_data;
  decltype(::archive_write_close)* write_close;
  decltype(::archive_entry_new)* entry_new;
  decltype(::archive_entry_free)* entry_free;
  decltype(::archive_entry_set_pathname)* set_pathname;
  decltype(::archive_entry_set_size)* set_size;
  decltype(::archive_entry_set_filetype)* set_filetype;
  decltype(::archive_entry_set_perm)* set_perm;
};

// Loaded by the first call, for ever. Thread-safe. Throws Error that says what to install.
[[nodiscard]] const ArchiveApi& archive_api();

}  // namespace cas
