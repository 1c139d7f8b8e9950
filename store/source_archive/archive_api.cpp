#include "store/source_archive/archive_api.hpp"

namespace cas {

ArchiveApi::ArchiveApi()
    : library("libarchive.so.13",
              "install libarchive (Debian: apt-get install libarchive13), or allow nothing but wheels (--no-build)") {
  library.find("archive_read_new", read_new);
  library.find("archive_read_free", read_free);
  library.find("archive_read_support_filter_gzip", support_gzip);
  library.find("archive_read_support_filter_bzip2", support_bzip2);
  library.find("archive_read_support_filter_xz", support_xz);
  library.find("archive_read_support_format_tar", support_tar);
  library.find("archive_read_support_format_zip", support_zip);
  library.find("archive_read_open_fd", open_fd);
  library.find("archive_read_next_header", next_header);
  library.find("archive_read_data_block", data_block);
  library.find("archive_error_string", error_string);
  library.find("archive_entry_pathname", pathname);
  library.find("archive_entry_pathname_utf8", pathname_utf8);
  library.find("archive_entry_filetype", filetype);
  library.find("archive_entry_hardlink", hardlink);
  library.find("archive_entry_hardlink_utf8", hardlink_utf8);
  library.find("archive_entry_symlink", symlink);
  library.find("archive_entry_symlink_utf8", symlink_utf8);
  library.find("archive_entry_perm", perm);
  library.find("archive_entry_mtime", mtime);
  library.find("archive_entry_is_encrypted", is_encrypted);
  library.find("archive_write_new", write_new);
  library.find("archive_write_free", write_free);
  library.find("archive_write_set_format_zip", write_zip);
  library.find("archive_write_open_fd", write_open_fd);
  library.find("archive_write_header", write_header);
  library.find("archive_write_data", write_data);
  library.find("archive_write_close", write_close);
  library.find("archive_entry_new", entry_new);
  library.find("archive_entry_free", entry_free);
  library.find("archive_entry_set_pathname", set_pathname);
  library.find("archive_entry_set_size", set_size);
  library.find("archive_entry_set_filetype", set_filetype);
  library.find("archive_entry_set_perm", set_perm);
}

const ArchiveApi& archive_api() {
  static const ArchiveApi* const api = new ArchiveApi();
  return *api;
}

}  // namespace cas
