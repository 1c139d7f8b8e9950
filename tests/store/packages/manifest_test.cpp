#include "store/packages/manifest.hpp"

#include <boost/test/unit_test.hpp>

#include "store/base/error.hpp"

using namespace cas;

namespace {

Manifest example() {
  Manifest manifest;
  manifest.artifact = sha256("wheel");
  manifest.artifact_bytes = 123456789012;
  manifest.metadata.name = "Demo.Package";
  manifest.metadata.normalized_name = "demo-package";
  manifest.metadata.version = "1.0";
  manifest.metadata.file_name = "Demo.Package-1.0-py3-none-any.whl";
  manifest.metadata.dist_info = "Demo.Package-1.0.dist-info";
  manifest.metadata.python_tags = "py3";
  manifest.metadata.abi_tags = "none";
  manifest.metadata.platform_tags = "any";
  manifest.metadata.requires_python = ">=3.8";
  manifest.metadata.requires_dist = {"numpy>=1", "colorama ; sys_platform == 'win32'"};
  EntryPoint entry;
  entry.group = EntryPointGroup::gui;
  entry.name = "demo-gui";
  entry.module = "demo.gui";
  entry.attribute = "main";
  manifest.metadata.entry_points = {entry};
  manifest.files = {{Scheme::purelib, FileKind::regular, "demo/__init__.py", {empty_digest(), Executable::no}, 0},
                    {Scheme::scripts, FileKind::python_script, "run", {sha256("run"), Executable::yes}, 3}};
  return manifest;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(manifest_tests)

BOOST_AUTO_TEST_CASE(everything_comes_back) {
  const Manifest before = example();
  const std::string bytes = encode_manifest(before);
  const Manifest after = decode_manifest(bytes);
  BOOST_TEST(encode_manifest(after) == bytes);
  BOOST_TEST((after.artifact == before.artifact));
  BOOST_TEST(after.artifact_bytes == before.artifact_bytes);
  BOOST_TEST(after.metadata.requires_dist.at(1) == before.metadata.requires_dist.at(1));
  BOOST_TEST(after.metadata.entry_points.at(0).name == "demo-gui");
  BOOST_TEST((after.metadata.entry_points.at(0).group == EntryPointGroup::gui));
  BOOST_TEST(after.files.size() == 2U);
  BOOST_TEST((after.files[1].kind == FileKind::python_script));
  BOOST_TEST((after.files[1].object == before.files[1].object));
}

BOOST_AUTO_TEST_CASE(what_vouches_for_members_comes_back) {
  Manifest before = example();
  BOOST_TEST(!decode_manifest(encode_manifest(before)).listing);
  before.listing = ListingDigests{sha256("RECORD"), sha256("directory")};
  BOOST_TEST((decode_manifest(encode_manifest(before)).listing == before.listing));
  BOOST_TEST(!decode_manifest(encode_manifest(before)).assembled);
  before.assembled = sha256("as the lock says");
  const Manifest after = decode_manifest(encode_manifest(before));
  BOOST_TEST((after.assembled == before.assembled));
  BOOST_TEST((after.listing == before.listing));
  BOOST_TEST(after.files.size() == before.files.size());
}

BOOST_AUTO_TEST_CASE(the_version_before_is_still_read) {
  std::string bytes = encode_manifest(example());
  bytes[5] = 1;
  bytes.erase(4 + 2 + 32 + 8 + 1, 2);  // neither listing nor assembled
  const Manifest manifest = decode_manifest(bytes);
  BOOST_TEST(manifest.metadata.name == "Demo.Package");
  BOOST_TEST(!manifest.listing);
  BOOST_TEST(manifest.files.size() == 2U);
  bytes[5] = 0;
  BOOST_CHECK_THROW((void)decode_manifest(bytes), Error);
}

BOOST_AUTO_TEST_CASE(every_truncation_is_corruption) {
  Manifest manifest = example();
  manifest.listing = ListingDigests{};
  manifest.assembled = sha256("x");
  const std::string bytes = encode_manifest(manifest);
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    BOOST_TEST_CONTEXT(length) { BOOST_CHECK_THROW(decode_manifest(bytes.substr(0, length)), Corruption); }
  }
  BOOST_CHECK_THROW(decode_manifest(bytes + "x"), Corruption);
}

BOOST_AUTO_TEST_CASE(a_flipped_bit_never_crashes) {
  const std::string bytes = encode_manifest(example());
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    std::string damaged = bytes;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x80);
    try {
      static_cast<void>(decode_manifest(damaged));
    } catch (const Error&) {
    }
  }
}

BOOST_AUTO_TEST_CASE(an_unknown_version_is_named) {
  std::string bytes = encode_manifest(example());
  bytes[5] = 9;
  BOOST_CHECK_EXCEPTION(decode_manifest(bytes), Error, [](const Error& error) {
    return error.message().find("version 9") != std::string::npos &&
           error.message().find("versions 1 to 2") != std::string::npos;
  });
}

BOOST_AUTO_TEST_CASE(a_path_that_leads_out_is_corruption) {
  for (const char* path : {"../x", "/etc/passwd", "a/../../b", ""}) {
    Manifest manifest = example();
    manifest.files[1].path = path;
    BOOST_TEST_CONTEXT(path) { BOOST_CHECK_THROW(decode_manifest(encode_manifest(manifest)), Corruption); }
  }
}

BOOST_AUTO_TEST_SUITE_END()
