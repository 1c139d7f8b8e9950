#include "linker/plan_record.hpp"

#include "linker/plan_paths.hpp"
#include "store/base/relpath.hpp"
#include "store/source/record.hpp"

namespace cas {

void RecordText::add(std::string_view path, const Sha256Digest& digest, std::uint64_t size) {
  text_ += record_row(path, record_hash(digest), size);
}

void RecordText::add_unhashed(std::string_view path) { text_ += record_row(path, {}, std::nullopt); }

std::string script_record_row(const Plan& plan, const PlanRecord& record, const PlanScript& script,
                              std::string_view text) {
  const std::string_view site_packages = parent_of(parent_of(record.path));
  return record_row(record_path(join_path(plan.scripts_directory, script.name), site_packages),
                    record_hash(sha256(text)), text.size());
}

}  // namespace cas
