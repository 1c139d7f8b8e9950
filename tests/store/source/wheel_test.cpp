#include "store/source/wheel.hpp"

#include <stdlib.h>

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <filesystem>
#include <map>
#include <thread>
#include <vector>

#include "tests/store/source/wheel_fixture.hpp"

using cas::RecordPolicy;
using cas::test::demo;
using cas::test::MemoryFile;
using cas::test::OpenWheel;
using cas::test::problem_of;
using cas::test::replace;
using cas::test::row;
using cas::test::WheelBuilder;

BOOST_AUTO_TEST_SUITE(wheel)

BOOST_AUTO_TEST_CASE(faults_name_the_wheel) {
  WheelBuilder builder = demo();
  builder.wheel.reset();
  BOOST_TEST(problem_of(builder) == "demo-1.0-py3-none-any.whl: demo-1.0.dist-info/WHEEL: is missing");
  builder.zip.prefix = "x";
  BOOST_TEST(problem_of(builder) == "demo-1.0-py3-none-any.whl: archive: 1 bytes stand before the first member");
  builder.file_name = "demo.whl";
  BOOST_TEST(problem_of(builder).starts_with("demo.whl: is not a wheel's file name"));
}

BOOST_AUTO_TEST_CASE(metadata_of_a_wheel) {
  WheelBuilder builder = demo();
  builder.file_name = "demo-1.0-3-py2.py3-none-any.whl";
  builder.metadata =
      "Name: Demo\nVersion: 1.0.0\nRequires-Python: >=3.8\nRequires-Dist: a\nRequires-Dist: b (>1)\n\nText\n";
  builder.add_info("entry_points.txt", "[console_scripts]\ndemo-run = demo.core:main [extra]\n");
  const OpenWheel wheel(builder);
  const cas::PackageMetadata& metadata = wheel.source->metadata();
  BOOST_TEST(metadata.name == "Demo");
  BOOST_TEST(metadata.normalized_name == "demo");
  BOOST_TEST(metadata.version == "1.0.0");
  BOOST_TEST(metadata.file_name == builder.file_name);
  BOOST_TEST(metadata.dist_info == "demo-1.0.dist-info");
  BOOST_TEST(metadata.python_tags == "py2.py3");
  BOOST_TEST(metadata.build_tag == "3");
  BOOST_TEST(metadata.requires_python == ">=3.8");
  BOOST_TEST(metadata.requires_dist.size() == 2U);
  BOOST_REQUIRE(metadata.entry_points.size() == 1U);
  BOOST_TEST(metadata.entry_points[0].name == "demo-run");
}

BOOST_AUTO_TEST_CASE(entries_go_to_their_schemes) {
  WheelBuilder builder = demo();
  builder.wheel = "Wheel-Version: 1.0\nRoot-Is-Purelib: false\n";
  builder.add("demo/", "");
  builder.add("demo/tool.sh", "x").mode = 0100755;
  builder.add("demo-1.0.data/purelib/p.py", "p");
  builder.add("demo-1.0.data/headers/demo.h", "h");
  builder.add("demo-1.0.data/data/share/d", "d");
  builder.add("demo-1.0.data/data/bin/x", "x").mode = 0100744;
  const OpenWheel wheel(builder);
  const auto is = [&](const char* path, cas::Scheme scheme, cas::Executable executable) {
    BOOST_TEST_CONTEXT(path) {
      BOOST_TEST((wheel.entry(path).scheme == scheme));
      BOOST_TEST((wheel.entry(path).executable == executable));
      BOOST_TEST((wheel.entry(path).kind == cas::FileKind::regular));
    }
  };
  BOOST_TEST(wheel.source->entries().size() == 9U);
  is("demo/core.py", cas::Scheme::platlib, cas::Executable::no);
  is("demo/tool.sh", cas::Scheme::platlib, cas::Executable::yes);
  is("demo-1.0.dist-info/METADATA", cas::Scheme::platlib, cas::Executable::no);
  is("p.py", cas::Scheme::purelib, cas::Executable::no);
  is("demo.h", cas::Scheme::headers, cas::Executable::no);
  is("share/d", cas::Scheme::data, cas::Executable::no);
  is("bin/x", cas::Scheme::data, cas::Executable::yes);
  BOOST_TEST(wheel.content(wheel.index_of("demo/core.py")) == "print('hello')\n");
  BOOST_TEST((wheel.entry("demo/core.py").expected == cas::sha256("print('hello')\n")));
  BOOST_TEST(wheel.entry("demo/core.py").size == 15U);
}

BOOST_AUTO_TEST_CASE(what_installers_write_is_left_out) {
  WheelBuilder builder = demo();
  for (const char* name : {"INSTALLER", "REQUESTED", "direct_url.json", "sub/RECORD"}) builder.add_info(name, "x");
  builder.edit_zip = [](auto& zip) { zip.add("demo-1.0.dist-info/RECORD.jws", "{}"); };
  const OpenWheel wheel(builder);
  std::vector<std::string> names;
  for (const cas::SourceEntry& entry : wheel.source->entries()) {
    if (entry.path.starts_with("demo-1.0.dist-info/")) names.push_back(entry.path.substr(19));
  }
  const std::vector<std::string> expected{"sub/RECORD", "METADATA", "WHEEL", "RECORD.jws"};
  BOOST_TEST(names == expected, boost::test_tools::per_element());
  BOOST_TEST(!wheel.entry("demo-1.0.dist-info/RECORD.jws").expected.has_value());
}

BOOST_AUTO_TEST_CASE(kind_of_scripts) {
  const std::map<std::string, bool> scripts{{"#!python", true},
                                            {"#!python\nx", true},
                                            {"#!python\r\nx", true},
                                            {"#!python -E\nx", true},
                                            {"#!pythonw\nx", true},
                                            {"#!python3\nx", true},
                                            {"#!/usr/bin/python\nx", false},
                                            {"#!/bin/sh\n", false},
                                            {"", false},
                                            {" #!python\n", false},
                                            {"#!pytho", false}};
  WheelBuilder builder = demo();
  std::size_t number = 0;
  for (const auto& [content, python] : scripts)
    builder.add("demo-1.0.data/scripts/s" + std::to_string(number++), content);
  builder.add("demo/not_a_script.py", "#!python\n").mode = 0100755;
  const OpenWheel wheel(builder);
  number = 0;
  for (const auto& [content, python] : scripts) {
    BOOST_TEST_CONTEXT(content) {
      const cas::SourceEntry& entry = wheel.entry("s" + std::to_string(number++));
      BOOST_TEST((entry.kind == cas::FileKind::python_script) == python);
      BOOST_TEST((entry.executable == cas::Executable::yes));
      BOOST_TEST((entry.scheme == cas::Scheme::scripts));
    }
  }
  BOOST_TEST((wheel.entry("demo/not_a_script.py").kind == cas::FileKind::regular));
}

BOOST_AUTO_TEST_CASE(longer_hashes_are_checked) {
  WheelBuilder builder = demo();
  builder.add("long.py", "abc");
  builder.edit_record = replace(row("long.py", "abc"),
                                "long.py,sha384=ywB1P0WjXou1oD1pmsZQBycsMqsO3tFjGotgWkP_W-2AhgcroefMI1i67KE0yCWn,3\n");
  const OpenWheel wheel(builder);
  BOOST_TEST(!wheel.entry("long.py").expected.has_value());
  BOOST_TEST(wheel.content(wheel.index_of("long.py")) == "abc");
}

BOOST_AUTO_TEST_CASE(pinned_wheels_may_have_wrong_records) {
  WheelBuilder builder = demo();
  builder.add("hash.py", "hash");
  builder.add("size.py", "size");
  builder.add("long.py", "long");
  builder.edit_record = [](std::string& rows) {
    replace(row("hash.py", "hash"), row("hash.py", "HASH"))(rows);
    replace(row("size.py", "size"), row("size.py", "another size"))(rows);
    replace(row("long.py", "long"), "long.py,sha512=" + cas::base64url_encode(std::string(64, 'h')) + ",4\n")(rows);
  };
  const OpenWheel wheel(builder, RecordPolicy::artifact_pinned);
  BOOST_TEST(wheel.source->warnings().size() == 1U);
  BOOST_TEST(!wheel.entry("size.py").expected.has_value());
  for (const char* name : {"hash", "size", "long"}) {
    for (int twice = 0; twice < 2; ++twice)
      BOOST_TEST(wheel.content(wheel.index_of(name + std::string(".py"))) == name);
  }
  const std::vector<std::string> warnings = wheel.source->warnings();
  BOOST_REQUIRE(warnings.size() == 4U);
  BOOST_TEST(warnings[0] == "size.py: has 4 bytes, RECORD says 12");
  BOOST_TEST(warnings[1].starts_with("hash.py: its content is sha256="));
  BOOST_TEST(warnings[2].starts_with("size.py: its content is"));
  BOOST_TEST(warnings[3].starts_with("long.py: its content is sha512="));
}

BOOST_AUTO_TEST_CASE(pinned_wheel_with_wrong_hash_of_metadata) {
  WheelBuilder builder = demo();
  const std::string name = "demo-1.0.dist-info/METADATA";
  builder.edit_record = replace(row(name, *builder.metadata),
                                cas::record_row(name, cas::record_hash(cas::sha256("x")), builder.metadata->size()));
  BOOST_TEST(problem_of(builder) != "accepted");
  const OpenWheel wheel(builder, RecordPolicy::artifact_pinned);
  BOOST_TEST(wheel.source->warnings().size() == 1U);
  BOOST_TEST(!wheel.entry(name).expected.has_value());
}

BOOST_AUTO_TEST_CASE(oddities_are_warnings) {
  WheelBuilder builder = demo();
  builder.wheel = "Wheel-Version: 1.9\nRoot-Is-Purelib: true\n";
  builder.metadata = "Name: demo\nVersion: 1.0\nRequires-Python: three\nstray text\n";
  BOOST_TEST(OpenWheel(builder).source->warnings().size() == 3U);
}

BOOST_AUTO_TEST_CASE(opens_a_path) {
  char directory[] = "/tmp/cas-wheel-XXXXXX";
  BOOST_REQUIRE(::mkdtemp(directory) != nullptr);
  const std::string path = std::string(directory) + "/demo-1.0-py3-none-any.whl";
  cas::test::write_test_file(path, demo().bytes());
  BOOST_TEST(cas::open_wheel(path, RecordPolicy::strict)->metadata().name == "demo");
  BOOST_CHECK_THROW((void)cas::open_wheel(std::string(directory) + "/gone-1.0-py3-none-any.whl", RecordPolicy::strict),
                    cas::SystemError);
  BOOST_CHECK_THROW((void)cas::open_wheel(directory, RecordPolicy::strict), cas::Error);
  std::filesystem::remove_all(directory);
}

BOOST_AUTO_TEST_CASE(every_truncation_and_many_flipped_bits_are_survived) {
  const std::string whole = demo().bytes();
  const auto try_open = [](const std::string& bytes) {
    const MemoryFile file(bytes);
    try {
      const auto source = cas::open_wheel(file.fd(), "demo-1.0-py3-none-any.whl", RecordPolicy::strict);
      for (std::size_t i = 0; i < source->entries().size(); ++i) (void)source->read(i, [](std::string_view) {});
    } catch (const cas::InvalidInput&) {
      return false;
    }
    return true;
  };
  for (std::size_t length = 0; length < whole.size(); ++length) BOOST_TEST(!try_open(whole.substr(0, length)));
  for (std::size_t bit = 0; bit < whole.size() * 8; ++bit) {
    std::string bytes = whole;
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << (bit % 8)));
    (void)try_open(bytes);  // times and the like may change; the others are refused, and nothing crashes
  }
}

BOOST_AUTO_TEST_CASE(entries_are_read_by_several_threads) {
  WheelBuilder builder = demo();
  for (int i = 0; i < 50; ++i)
    builder.add("demo/m" + std::to_string(i), std::string(static_cast<std::size_t>(1000 + i), 'm'));
  const OpenWheel wheel(builder);
  std::atomic<int> wrong{0};
  const auto work = [&] {
    for (std::size_t i = 0; i < wheel.source->entries().size(); ++i) {
      if (wheel.source->read(i, [](std::string_view) {}) != wheel.source->entries()[i].expected) ++wrong;
    }
  };
  {
    const std::jthread a(work);
    const std::jthread b(work);
  }
  BOOST_TEST(wrong == 0);
}

BOOST_AUTO_TEST_SUITE_END()
