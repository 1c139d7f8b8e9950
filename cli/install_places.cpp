#include "cli/install_places.hpp"

#include <cstdlib>

#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/roots.hpp"
#include "store/sys/file.hpp"

namespace cas {
namespace {

std::string checkout_folder(const Context& context, const std::string& path) {
  if (const auto named = context.arguments.value("src")) return absolute_path(*named);
  const char* const variable = std::getenv("PIP_SRC");
  if (variable != nullptr && *variable != '\0') return absolute_path(variable);
  return absolute_path(path) + "/src";
}

}  // namespace

void choose_build_place(const Context& context, const std::string& path, InstalledBuilds installed,
                        PackageInputs& inputs) {
  if (!context.arguments.has("no-build-isolation")) return;
  if (!read_environment_anchor(path)) {
    throw UsageError("nothing is installed in " + printable(path) +
                         ", which has yet to be made: --no-build-isolation builds with what is there",
                     "make it first, with what builds: `cas create ENV setuptools ...`; then this again");
  }
  BuildInPlace place;
  place.environment = absolute_path(path);
  place.keep_installed = installed == InstalledBuilds::stay;
  inputs.resolve.build.in_place = place;
  inputs.wishes.build.in_place = place;
}

std::unique_ptr<EditableCheckouts> check_out_editables(const Context& context, const Store& store,
                                                       const std::string& path, bool dry_run, PackageInputs& inputs) {
  CheckoutOptions options;
  options.folder = checkout_folder(context, path);
  options.dry_run = dry_run;
  options.limit = inputs.resolve.build.limit;
  auto checkouts = std::make_unique<EditableCheckouts>(store, options, inputs.network, context.printer);
  checkouts->check_out(inputs.requirements);
  return checkouts;
}

}  // namespace cas
