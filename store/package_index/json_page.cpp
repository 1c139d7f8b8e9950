// The JSON form (PEP 691). Read in one go without building a tree: a large project's page has tens of megabytes, and what a tree of a
// hostile one would take has no bound.
#include <nlohmann/json.hpp>

#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/package_index/page_entry.hpp"

namespace cas {
namespace {

constexpr std::size_t kMaxDepth = 32;

class JsonPageReader final : public nlohmann::json_sax<nlohmann::json> {
 public:
  JsonPageReader(const Url& base, ProjectPage& page) : base_(base), page_(page) {}

  // A field that is not said: most often that is what null means.
  bool null() override { return true; }
  bool boolean(bool value) override {
    if (where_ == "/files/[]/yanked" && value) entry_.file.yanked.emplace();
    if (is_metadata(where_)) entry_.file.has_metadata = value;
    return true;
  }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t value) override {
    if (where_ == "/files/[]/size") entry_.file.size = value;
    return true;
  }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool string(string_t& value) override {
    if (where_ == "/meta/api-version") check_api_version(value, base_);
    if (!where_.starts_with("/files/[]/")) return true;
    const std::string_view field = std::string_view(where_).substr(10);
    if (field == "filename")
      entry_.name = std::move(value);
    else if (field == "url")
      entry_.address = std::move(value);
    else if (field == "requires-python")
      entry_.file.requires_python = std::move(value);
    else if (field == "upload-time")
      entry_.file.upload_time = std::move(value);
    else if (field == "yanked" && !value.empty())
      entry_.file.yanked = std::move(value);
    else if (field.starts_with("hashes/"))
      entry_.add_hash(field.substr(7), value);
    else if (is_metadata_hash(field))
      entry_.metadata_sha256 = std::move(value);
    return true;
  }
  bool binary(binary_t&) override { return false; }

  bool start_object(std::size_t) override {
    if (lengths_.empty()) is_page_ = true;
    if (where_ == "/files/[]")
      entry_ = PageEntry{.name = "", .address = {}, .sha256 = {}, .metadata_sha256 = {}, .file = {}};
    if (is_metadata(where_)) entry_.file.has_metadata = true;
    return enter("");
  }
  bool key(string_t& name) override {
    where_.resize(lengths_.back());
    where_ += '/';
    // A key with a separator in it is none that means something here.
    where_ += name.find_first_of("/[") == std::string::npos ? name : "?";
    return true;
  }
  bool end_object() override {
    leave();
    if (where_ == "/files/[]") add_entry(std::move(entry_), base_, page_);
    return true;
  }
  bool start_array(std::size_t) override {
    has_files_ = has_files_ || where_ == "/files";
    return enter("/[]");
  }
  bool end_array() override {
    leave();
    return true;
  }
  bool parse_error(std::size_t position, const std::string&, const nlohmann::json::exception&) override {
    throw InvalidInput(redacted_url(base_.text()) + ": is not JSON (byte " + std::to_string(position) + ")");
  }

  [[nodiscard]] bool is_project_page() const { return is_page_ && has_files_; }

 private:
  bool enter(const char* below) {
    if (lengths_.size() == kMaxDepth) throw InvalidInput(redacted_url(base_.text()) + ": is nested too deeply");
    lengths_.push_back(where_.size());
    where_ += below;
    return true;
  }
  void leave() {
    where_.resize(lengths_.back());
    lengths_.pop_back();
  }

  // PEP 714 renamed the field; pages have either or both.
  static bool is_metadata(std::string_view where) {
    return where == "/files/[]/core-metadata" || where == "/files/[]/dist-info-metadata";
  }
  static bool is_metadata_hash(std::string_view field) {
    return field == "core-metadata/sha256" || field == "dist-info-metadata/sha256";
  }

  const Url& base_;
  ProjectPage& page_;
  PageEntry entry_;
  std::string where_;                 // "/files/[]/hashes/sha256"
  std::vector<std::size_t> lengths_;  // of `where_` outside each object and array that is open
  bool is_page_ = false;
  bool has_files_ = false;
};

}  // namespace

ProjectPage parse_json_page(std::string_view body, const Url& base) {
  ProjectPage page;
  JsonPageReader reader(base, page);
  nlohmann::json::sax_parse(body, &reader);
  if (!reader.is_project_page()) {
    throw InvalidInput(redacted_url(base.text()) + ": is JSON, but not the page of a project");
  }
  return page;
}

}  // namespace cas
