// cas store share: a group uses the store together.
#include "store/share.hpp"

#include <fmt/format.h>

#include "cli/commands/commands.hpp"
#include "cli/json_output.hpp"
#include "cli/words.hpp"
#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/sys/file.hpp"

namespace cas {
namespace {

constexpr OptionSpec kOptions[] = {{"group", '\0', "GROUP"}, {"none", '\0', {}}, {"dry-run", '\0', {}}};

int end(const Context& context) {
  if (context.arguments.has("group")) throw UsageError("--group and --none exclude each other");
  const bool dry_run = context.arguments.has("dry-run");
  const StoreOptions store = store_options(context.global);
  const std::string path = absolute_path(store.path);
  const EndSharingResult result = end_sharing(store, dry_run);
  context.say(fmt::format("{} {} its owner's alone: {}, {}", printable(path), dry_run ? "would be" : "is",
                          counted(result.directories, "directory", "directories"), counted(result.files, "file")));
  if (result.left > 0) {
    context.printer.warning(fmt::format(
        "{} in it {} to other members, who could change them: `cas repair --contents` makes objects the store's own",
        counted(result.left, "file"), result.left == 1 ? "belongs" : "belong"));
  }
  if (context.global.json) {
    Json document = json_document("store share");
    document["path"] = path;
    document["group"] = nullptr;
    document["directories"] = result.directories;
    document["files"] = result.files;
    document["before"] = false;
    document["given"] = result.given;
    document["left"] = result.left;
    document["dry_run"] = dry_run;
    context.print(json_text(document));
  }
  return static_cast<int>(ExitStatus::success);
}

int run(const Context& context) {
  if (!context.arguments.operands().empty())
    throw UsageError("`cas store share` takes no operands", "cas store share --group GROUP");
  if (context.arguments.has("none")) return end(context);
  const ShareOptions options{context.arguments.value("group").value_or(""), context.arguments.has("dry-run")};
  const StoreOptions store = store_options(context.global);
  // A new one; one that is there may be refused until it is shared.
  if (!options.group.empty() && !options.dry_run && !stat_path(store.path + "/version"))
    static_cast<void>(Store::open(store));
  const ShareResult result = share_store(store, options);
  const std::string path = absolute_path(store.path);
  context.say(fmt::format("{} {} with {}: {}, {}", printable(path),
                          options.dry_run ? "would be shared"
                          : result.before ? "is shared as before"
                                          : "is shared now",
                          result.label, counted(result.directories, "directory", "directories"),
                          counted(result.files, "file")));
  if (context.global.json) {
    Json document = json_document("store share");
    document["path"] = path;
    document["group"] = result.group;
    document["directories"] = result.directories;
    document["files"] = result.files;
    document["before"] = result.before;
    document["given"] = 0;
    document["left"] = 0;
    document["dry_run"] = options.dry_run;
    context.print(json_text(document));
  }
  return static_cast<int>(ExitStatus::success);
}

}  // namespace

const Command kStoreShareCommand = {"store share", "let the members of a group use the store together", kOptions, run};

}  // namespace cas
