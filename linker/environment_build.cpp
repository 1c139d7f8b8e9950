#include "linker/environment_request.hpp"
#include "store/base/failpoint.hpp"
#include "store/base/relpath.hpp"
#include "store/sys/file.hpp"

namespace cas {

std::optional<CreateResult> build_environment(const EnvironmentRequest& request) {
  const std::string parent_path(parent_of(request.target).empty() ? "/" : parent_of(request.target));
  const std::string name(name_of(request.target));
  make_directories(parent_path);
  const Fd parent = open_directory(parent_path);

  Anchor anchor = make_anchor(request);
  const std::string scratch_name = ".cas-" + anchor.id;
  PendingRoot root(request.store, std::move(anchor), parent_path + "/" + scratch_name);
  root.publish();
  // From here on the collector keeps what this environment needs.
  std::vector<PlannedPackage> packages = request.packages;
  const auto found = obtain_plan(request.store, packages, request.facts, request.plan_options, plan_work(request));
  if (!found) return std::nullopt;
  refuse_conflicts(request, found->plan);

  ScratchDirectory scratch(parent.get(), scratch_name, parent_path + "/" + scratch_name);
  make_directory_at(scratch.fd(), kAnchorDirectory, 0777);
  root.attach(open_directory_at(scratch.fd(), kAnchorDirectory).get(), "anchor");
  failpoint("anchor-attached");
  Materialised made = materialise(request.store, found->plan, scratch.fd(), materialise_options(request));
  made.counts.created += write_environment_files(scratch.fd(), environment_files(request, Markers::yes));
  failpoint("staged");
  if (!rename_noreplace_at(parent.get(), scratch_name, parent.get(), name)) {
    throw Error(request.target + ": somebody else has just made it", "choose another path, or run the command again");
  }
  scratch.keep();
  root.finish();  // it is live: whatever fails from here on, its anchor stays
  failpoint("renamed");
  return describe_result(request, root.anchor(), *found, made);
}

}  // namespace cas
