#include "linker/relocation.hpp"

#include <algorithm>
#include <map>
#include <optional>

#include "linker/activation/activation.hpp"
#include "linker/environment_plan.hpp"
#include "linker/materialise.hpp"
#include "linker/plan_paths.hpp"
#include "linker/pyvenv_cfg.hpp"
#include "linker/scripts.hpp"
#include "store/base/error.hpp"
#include "store/source/record.hpp"
#include "store/sys/file.hpp"

namespace cas {
namespace {

constexpr std::size_t kMostScript = std::size_t{1} << 20;
constexpr std::size_t kMostRecord = std::size_t{64} << 20;

struct Rewritten {
  std::string before, after;
};

// Exactly what was and what will be written for cas's own scripts. Empty where the store cannot say.
std::map<std::string, Rewritten> own_scripts(const Store& store, const Anchor& anchor, const std::string& now) {
  std::map<std::string, Rewritten> own;
  if (anchor.relocatable) return own;
  try {
    const Plan plan = plan_of_anchor(store, anchor);
    const auto before = written_texts(store, plan, ScriptStyle::absolute, anchor.target);
    const auto after = written_texts(store, plan, ScriptStyle::absolute, now);
    for (std::size_t i = 0; i < plan.scripts.size(); ++i) own[before[i].path] = {before[i].text, after[i].text};
  } catch (const Corruption&) {
    // Then they are treated like anybody's.
  }
  return own;
}

bool is_regular(const std::optional<struct stat>& info, std::size_t most) {
  return info && S_ISREG(info->st_mode) && static_cast<std::uint64_t>(info->st_size) <= most;
}

class Relocator {
 public:
  Relocator(const Store& store, int environment, const Anchor& anchor, const std::vector<std::string>& former,
            const std::string& now)
      : environment_(environment), anchor_(anchor), former_(former), now_(now), own_(own_scripts(store, anchor, now)) {
    std::erase(former_, now);
  }

  std::vector<RelocatedFile> run() {
    if (former_.empty()) return {};
    look_at_scripts();
    if (!scripts_.empty()) look_at_records();
    const auto moved = [&](std::string_view text, const std::string& place) {
      return moved_pyvenv_cfg(text, place, now_);
    };
    look_at("pyvenv.cfg", moved);
    return std::move(files_);
  }

 private:
  // `f(text, former place)` gives the new text, or nothing.
  template <class F>
  bool look_at(const std::string& path, F&& f) {
    const auto info = stat_at(environment_, path);
    if (!is_regular(info, kMostScript)) return false;
    const std::string text = try_read_file_at(environment_, path, kMostScript).value_or("");
    for (const std::string& place : former_) {
      auto moved = f(text, place);
      if (!moved || *moved == text) continue;
      files_.push_back({path, std::move(*moved), info->st_mode & 07777});
      before_ = text;
      return true;
    }
    return false;
  }

  std::optional<std::string> moved_text(const std::string& path, std::string_view text, const std::string& place) {
    const auto own = own_.find(path);
    if (own != own_.end() && own->second.before == text) return own->second.after;
    if (auto moved = moved_activation_script(text, place, now_)) return moved;
    return moved_script(text, place + "/" + anchor_.scripts, now_ + "/" + anchor_.scripts);
  }

  void look_at_scripts() {
    const Fd directory = try_open_directory_at(environment_, anchor_.scripts);
    if (!directory) return;
    std::vector<std::string> names;
    list_directory(directory.get(), anchor_.scripts,
                   [&](const std::string& name, unsigned char) { names.push_back(name); });
    std::ranges::sort(names);
    for (const std::string& name : names) {
      const std::string path = anchor_.scripts + "/" + name;
      const auto moved = [&](std::string_view text, const std::string& place) { return moved_text(path, text, place); };
      if (look_at(path, moved)) scripts_[path] = {before_, files_.back().text};
    }
  }

  void look_at_records() {
    std::map<std::string, std::string> rows;  // as they are -> as they shall be, without the end of the line
    for (const auto& [path, script] : scripts_) {
      const auto row = [&](const std::string& text) {
        std::string line = record_row(record_path(path, anchor_.site_packages), record_hash(sha256(text)), text.size());
        line.pop_back();
        return line;
      };
      rows[row(script.before)] = row(script.after);
    }
    const Fd packages = try_open_directory_at(environment_, anchor_.site_packages);
    if (!packages) return;
    std::vector<std::string> names;
    list_directory(packages.get(), anchor_.site_packages, [&](const std::string& name, unsigned char) {
      if (name.ends_with(".dist-info")) names.push_back(name);
    });
    std::ranges::sort(names);
    for (const std::string& name : names) {
      const auto info = stat_at(packages.get(), name);
      if (info && S_ISDIR(info->st_mode)) look_at_record(anchor_.site_packages + "/" + name + "/RECORD", rows);
    }
  }

  // A row that does not fit the script as it was is left as it is: it says that somebody edited it.
  void look_at_record(const std::string& path, const std::map<std::string, std::string>& rows) {
    const auto info = stat_at(environment_, path);
    if (!is_regular(info, kMostRecord)) return;
    std::string text = try_read_file_at(environment_, path, kMostRecord).value_or("");
    bool changed = false;
    for (const auto& [before, after] : rows) {
      const std::size_t at = text.find(before);
      if (at == std::string::npos) continue;
      const std::size_t end = at + before.size();
      const bool whole =
          (at == 0 || text[at - 1] == '\n') && (end == text.size() || text[end] == '\n' || text[end] == '\r');
      if (!whole) continue;
      text.replace(at, before.size(), after);
      changed = true;
    }
    if (changed) files_.push_back({path, std::move(text), info->st_mode & 07777});
  }

  int environment_;
  const Anchor& anchor_;
  std::vector<std::string> former_;
  const std::string& now_;
  std::map<std::string, Rewritten> own_;
  std::map<std::string, Rewritten> scripts_;
  std::string before_;  // of the file that look_at() found last
  std::vector<RelocatedFile> files_;
};

}  // namespace

std::vector<RelocatedFile> relocated_files(const Store& store, int environment, const Anchor& anchor,
                                           const std::vector<std::string>& former, const std::string& now) {
  return Relocator(store, environment, anchor, former, now).run();
}

}  // namespace cas
