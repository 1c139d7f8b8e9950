#include "store/source_archive/zip_file.hpp"

#include <sys/stat.h>

#include <memory>

#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/source_archive/archive_api.hpp"

namespace cas {

void write_zip(int file, const std::vector<std::pair<std::string, std::string>>& members, std::string_view shown) {
  const ArchiveApi& api = archive_api();
  const std::unique_ptr<archive, decltype(api.write_free)> zip(api.write_new(), api.write_free);
  const std::unique_ptr<archive_entry, decltype(api.entry_free)> entry(api.entry_new(), api.entry_free);
  if (!zip || !entry) throw Error("writing " + printable(shown) + ": libarchive has no memory");
  const auto check = [&](la_ssize_t status) {
    if (status >= ARCHIVE_OK) return;
    const char* text = api.error_string(zip.get());
    throw Error("writing " + printable(shown) + ": " + (text == nullptr ? "libarchive does not say why not" : text));
  };
  check(api.write_zip(zip.get()));
  check(api.write_open_fd(zip.get(), file));
  api.set_filetype(entry.get(), S_IFREG);
  api.set_perm(entry.get(), 0644);
  for (const auto& [path, text] : members) {
    api.set_pathname(entry.get(), path.c_str());
    api.set_size(entry.get(), static_cast<la_int64_t>(text.size()));
    check(api.write_header(zip.get(), entry.get()));
    check(api.write_data(zip.get(), text.data(), text.size()));
  }
  check(api.write_close(zip.get()));
}

}  // namespace cas
