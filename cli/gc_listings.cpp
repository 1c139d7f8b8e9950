#include "cli/gc_listings.hpp"

#include <fmt/format.h>

#include "cli/holder_words.hpp"
#include "cli/json_output.hpp"
#include "store/base/relpath.hpp"
#include "store/holders.hpp"

namespace cas {
namespace {

std::string path_of(const Store& store, const GcListing::Object& object) {
  return store.layout().object(object.segment, object.id);
}

Json json_side(const Store& store, const GcListing& listing) {
  Json side;
  side["packages"] = Json::array();
  for (const Package& package : listing.packages) {
    side["packages"].push_back({{"name", package.row.name},
                                {"version", package.row.version},
                                {"file_name", package.row.file_name},
                                {"sha256", package.artifact.hex()}});
  }
  side["plans"] = json_plans(listing.plans);
  side["objects"] = Json::array();
  for (const GcListing::Object& object : listing.objects) {
    side["objects"].push_back({{"path", path_of(store, object)}, {"bytes", object.bytes}});
  }
  return side;
}

}  // namespace

Json json_plans(const std::vector<GcPlan>& plans) {
  Json list = Json::array();
  for (const GcPlan& plan : plans) {
    list.push_back({{"key", plan.key.hex()}, {"packages", plan.packages}, {"reason", plan.reason}});
  }
  return list;
}

void print_roots(const Context& context, const Store& store) {
  std::vector<std::string> warnings;
  const std::vector<Holder> holders = list_holders(store, warnings);
  for (const std::string& warning : warnings) context.printer.warning(warning);
  if (context.global.json) {
    Json document = json_document("gc");
    document["roots"] = Json::array();
    for (const Holder& holder : holders) document["roots"].push_back(json_holder(holder));
    document["warnings"] = warnings;
    context.print(json_text(document));
    return;
  }
  for (const Holder& holder : holders) context.print(holder_line(holder) + "\n");
}

void print_side(const Context& context, const Store& store, const GcOptions& options, GcSide side) {
  const GcListing listing = list_side(store, options, side, context.printer);
  context.printer.finish();
  for (const std::string& warning : listing.warnings) context.printer.warning(warning);
  if (context.global.json) {
    Json document = json_document("gc");
    document[side == GcSide::live ? "live" : "dead"] = json_side(store, listing);
    document["warnings"] = listing.warnings;
    context.print(json_text(document));
    return;
  }
  for (const Package& package : listing.packages) {
    context.print(fmt::format("package {} {} {}\n", printable(package.row.name), printable(package.row.version),
                              package.artifact.hex()));
  }
  for (const GcPlan& plan : listing.plans) context.print(fmt::format("plan {}\n", plan.key.hex()));
  for (const GcListing::Object& object : listing.objects) {
    context.print(fmt::format("object {}\n", printable(path_of(store, object))));
  }
}

}  // namespace cas
