// What is refused and what is accepted: the tables of docs/wheels.md.
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <ostream>

#include "tests/store/source/wheel_fixture.hpp"

namespace data = boost::unit_test::data;
using cas::RecordPolicy;
using cas::test::demo;
using cas::test::OpenWheel;
using cas::test::problem_of;
using cas::test::replace;
using cas::test::row;
using cas::test::WheelBuilder;

namespace {

struct Case {
  const char* name;
  void (*change)(WheelBuilder&);
  const char* problem = "";
};
std::ostream& operator<<(std::ostream& out, const Case& one) { return out << one.name; }

std::string long_name(std::size_t length) { return std::string(length, 'n'); }

const Case kRefused[] = {
    // names
    {"file name", [](WheelBuilder& w) { w.file_name = "demo.whl"; }, "not a wheel's file name"},
    {"absolute name", [](WheelBuilder& w) { w.add("/etc/passwd", "x"); }, "is absolute"},
    {"parent", [](WheelBuilder& w) { w.add("../evil.py", "x"); }, "'..'"},
    {"parent inside", [](WheelBuilder& w) { w.add("demo/../../evil.py", "x"); }, "'..'"},
    {"dot", [](WheelBuilder& w) { w.add("./evil.py", "x"); }, "'.'"},
    {"empty component", [](WheelBuilder& w) { w.add("demo//x.py", "x"); }, "empty component"},
    {"backslash", [](WheelBuilder& w) { w.add("demo\\x.py", "x"); }, "backslash"},
    {"NUL", [](WheelBuilder& w) { w.add(std::string("demo/a\0b", 8), "x"); }, "control character"},
    {"newline", [](WheelBuilder& w) { w.add("demo/a\nb", "x"); }, "control character"},
    {"long component", [](WheelBuilder& w) { w.add("demo/" + long_name(256), "x"); }, "256 bytes"},
    {"bad directory", [](WheelBuilder& w) { w.add("../", ""); }, "'..'"},
    {"root directory", [](WheelBuilder& w) { w.add("/", ""); }, "is empty"},
    {"twice", [](WheelBuilder& w) { w.add("demo/core.py", "print('hello')\n"); }, "in the archive twice"},
    {"directory twice",
     [](WheelBuilder& w) {
       w.add("demo/", "");
       w.add("demo/", "");
     },
     "in the archive twice"},
    {"file and directory", [](WheelBuilder& w) { w.add("demo/core.py/", ""); }, "a file and as a directory"},
    {"symbolic link", [](WheelBuilder& w) { w.zip.at("demo/core.py").mode = 0120777; }, "symbolic link"},
    // .dist-info and .data
    {"no dist-info", [](WheelBuilder& w) { w.edit_zip = [](auto& z) { z.entries.resize(2); }; },
     "demo-1.0-py3-none-any.whl: has no .dist-info directory"},
    {"second dist-info", [](WheelBuilder& w) { w.add("other-1.0.dist-info/METADATA", "x"); }, "does not match"},
    {"dist-info, same, other spelling", [](WheelBuilder& w) { w.add("Demo-1.0.dist-info/x", "x"); },
     "second .dist-info"},
    {"dist-info of another name", [](WheelBuilder& w) { w.dist_info = "other-1.0.dist-info"; }, "does not match"},
    {"dist-info of another version", [](WheelBuilder& w) { w.dist_info = "demo-1.1.dist-info"; }, "does not match"},
    {"dist-info without version", [](WheelBuilder& w) { w.dist_info = "demo.dist-info"; }, "does not match"},
    {"dist-info as a file", [](WheelBuilder& w) { w.add("x-1.dist-info", "x"); }, "must be a directory"},
    {"data of another name", [](WheelBuilder& w) { w.add("other-1.0.data/scripts/x", "x"); }, "does not match"},
    {"two data directories",
     [](WheelBuilder& w) {
       w.add("demo-1.0.data/scripts/x", "x");
       w.add("Demo-1.0.data/scripts/y", "y");
     },
     "second .data"},
    {"unknown scheme", [](WheelBuilder& w) { w.add("demo-1.0.data/stdlib/x", "x"); }, "'stdlib' is not a scheme"},
    {"unknown scheme, directory", [](WheelBuilder& w) { w.add("demo-1.0.data/stdlib/", ""); },
     "'stdlib' is not a scheme"},
    {"file in data", [](WheelBuilder& w) { w.add("demo-1.0.data/x", "x"); }, "'x' is not a scheme"},
    {"scheme as a file", [](WheelBuilder& w) { w.add("demo-1.0.data/scripts", "x"); }, "must be a directory"},
    {"foreign dist-info by data", [](WheelBuilder& w) { w.add("demo-1.0.data/purelib/pip-9.dist-info/METADATA", "x"); },
     "another distribution"},
    {"foreign dist-info by data/data",
     [](WheelBuilder& w) { w.add("demo-1.0.data/data/lib/python3.12/site-packages/pip-9.dist-info/METADATA", "x"); },
     "another distribution"},
    {"RECORD by data", [](WheelBuilder& w) { w.add("demo-1.0.data/platlib/demo-1.0.dist-info/RECORD", "x"); },
     "only an installer"},
    {"INSTALLER by data", [](WheelBuilder& w) { w.add("demo-1.0.data/purelib/demo-1.0.dist-info/INSTALLER", "x"); },
     "only an installer"},
    // collisions
    {"purelib and root", [](WheelBuilder& w) { w.add("demo-1.0.data/purelib/demo/core.py", "x"); }, "the same path as"},
    {"platlib and root", [](WheelBuilder& w) { w.add("demo-1.0.data/platlib/demo/core.py", "x"); }, "the same path as"},
    {"purelib and platlib",
     [](WheelBuilder& w) {
       w.add("demo-1.0.data/platlib/a", "x");
       w.add("demo-1.0.data/purelib/a", "x");
     },
     "the same path as"},
    {"data and root",
     [](WheelBuilder& w) { w.add("demo-1.0.data/data/lib/python3.12/site-packages/demo/core.py", "x"); },
     "the same path as"},
    {"data and scripts",
     [](WheelBuilder& w) {
       w.add("demo-1.0.data/data/bin/tool", "x");
       w.add("demo-1.0.data/scripts/tool", "x");
     },
     "the same path as"},
    {"file where a directory must be", [](WheelBuilder& w) { w.add("demo", "x"); },
     "needs a directory where demo is a file"},
    {"file over a directory, by data",
     [](WheelBuilder& w) {
       w.add("demo-1.0.data/purelib/demo", "x");
       w.add("demo-a", "x");
       w.add("demo.py", "x");
     },
     "needs a directory"},
    {"file where an empty directory is",
     [](WheelBuilder& w) {
       w.add("x/", "");
       w.add("demo-1.0.data/purelib/x", "x");
     },
     "the same path as"},
    {"file above dist-info", [](WheelBuilder& w) { w.add("demo-1.0.data/purelib/demo-1.0.dist-info", "x"); },
     "needs a directory"},
    // reserved names
    {"python script", [](WheelBuilder& w) { w.add("demo-1.0.data/scripts/python3", "x"); }, "is reserved"},
    {"activate script", [](WheelBuilder& w) { w.add("demo-1.0.data/scripts/activate.fish", "x"); }, "is reserved"},
    {"pyvenv.cfg", [](WheelBuilder& w) { w.add("demo-1.0.data/data/pyvenv.cfg", "x"); }, "is reserved"},
    {"bin/python", [](WheelBuilder& w) { w.add("demo-1.0.data/data/bin/python", "x"); }, "is reserved"},
    {"standard library", [](WheelBuilder& w) { w.add("demo-1.0.data/data/lib/python3.12/os.py", "x"); }, "is reserved"},
    {"lib64", [](WheelBuilder& w) { w.add("demo-1.0.data/data/lib64/x.so", "x"); }, "is reserved"},
    {"bin as a file", [](WheelBuilder& w) { w.add("demo-1.0.data/data/bin", "x"); }, "is reserved"},
    {"entry point python",
     [](WheelBuilder& w) { w.add_info("entry_points.txt", "[console_scripts]\npython = demo:main\n"); }, "is reserved"},
    {"entry point outside",
     [](WheelBuilder& w) { w.add_info("entry_points.txt", "[gui_scripts]\n../x = demo:main\n"); }, "script name"},
    // METADATA and WHEEL
    {"no METADATA", [](WheelBuilder& w) { w.metadata.reset(); }, "METADATA: is missing"},
    {"no WHEEL", [](WheelBuilder& w) { w.wheel.reset(); }, "WHEEL: is missing"},
    {"no RECORD", [](WheelBuilder& w) { w.has_record = false; }, "RECORD: is missing"},
    {"metadata name", [](WheelBuilder& w) { w.metadata = "Name: other\nVersion: 1.0\n"; },
     "Name 'other' does not match"},
    {"metadata version", [](WheelBuilder& w) { w.metadata = "Name: demo\nVersion: 1.1\n"; },
     "Version '1.1' does not match"},
    {"metadata version invalid", [](WheelBuilder& w) { w.metadata = "Name: demo\nVersion: one\n"; }, "does not match"},
    {"metadata without name", [](WheelBuilder& w) { w.metadata = "Version: 1.0\n"; }, "no header Name"},
    {"metadata without version", [](WheelBuilder& w) { w.metadata = "Name: demo\n\nVersion: 1.0\n"; },
     "no header Version"},
    {"two names", [](WheelBuilder& w) { w.metadata = "Name: demo\nName: demo\nVersion: 1.0\n"; }, "more than once"},
    {"name not a name", [](WheelBuilder& w) { w.metadata = "Name: demo_\nVersion: 1.0\n"; },
     "not a valid project name"},
    {"metadata not UTF-8", [](WheelBuilder& w) { w.metadata = "Name: demo\nVersion: 1.0\nAuthor: \xE9\n"; },
     "not valid UTF-8"},
    {"wheel version 2", [](WheelBuilder& w) { w.wheel = "Wheel-Version: 2.0\nRoot-Is-Purelib: true\n"; },
     "Wheel-Version 2.0 is not supported"},
    {"wheel version 0", [](WheelBuilder& w) { w.wheel = "Wheel-Version: 0.1\nRoot-Is-Purelib: true\n"; },
     "is not supported"},
    {"wheel version odd", [](WheelBuilder& w) { w.wheel = "Wheel-Version: new\nRoot-Is-Purelib: true\n"; },
     "is not a version"},
    {"no wheel version", [](WheelBuilder& w) { w.wheel = "Root-Is-Purelib: true\n"; }, "no header Wheel-Version"},
    {"no root", [](WheelBuilder& w) { w.wheel = "Wheel-Version: 1.0\n"; }, "no header Root-Is-Purelib"},
    {"odd root", [](WheelBuilder& w) { w.wheel = "Wheel-Version: 1.0\nRoot-Is-Purelib: yes\n"; },
     "neither true nor false"},
    {"large WHEEL", [](WheelBuilder& w) { *w.wheel += "\n" + std::string(1U << 20, 'w'); }, "at most 1048576 are read"},
    {"large entry points", [](WheelBuilder& w) { w.add_info("entry_points.txt", std::string((1U << 20) + 1, '\n')); },
     "at most 1048576"},
    // RECORD
    {"row without member", [](WheelBuilder& w) { w.more_record = row("demo/gone.py", "x"); },
     "in RECORD but not in the archive"},
    {"member without row", [](WheelBuilder& w) { w.edit_zip = [](auto& z) { z.add("demo/extra.py", "x"); }; },
     "in the archive but not in RECORD"},
    {"row with ..", [](WheelBuilder& w) { w.more_record = row("../x", "x"); },
     "this path in RECORD has the component '..'"},
    {"absolute row", [](WheelBuilder& w) { w.more_record = row("/x", "x"); }, "this path in RECORD is absolute"},
    {"row with backslash", [](WheelBuilder& w) { w.more_record = row("demo\\x", "x"); },
     "this path in RECORD contains a backslash"},
    {"empty row path", [](WheelBuilder& w) { w.more_record = ",,\n"; }, "this path in RECORD is empty"},
    {"row of a directory with ..", [](WheelBuilder& w) { w.more_record = "../,,\n"; }, "'..'"},
    {"two different rows", [](WheelBuilder& w) { w.more_record = row("demo/core.py", "other"); }, "two different rows"},
    {"row without hash",
     [](WheelBuilder& w) {
       w.add("x.py", "x");
       w.edit_record = replace(row("x.py", "x"), "x.py,,1\n");
     },
     "no hash in RECORD"},
    {"md5",
     [](WheelBuilder& w) {
       w.add("x.py", "x");
       w.edit_record = replace(row("x.py", "x"), "x.py,md5=abcdefghijklmnopqrstuv,1\n");
     },
     "too weak"},
    {"unknown hash",
     [](WheelBuilder& w) {
       w.add("x.py", "x");
       w.edit_record = replace(row("x.py", "x"), "x.py,whirlpool=abcd,1\n");
     },
     "unknown hash"},
    {"not CSV", [](WheelBuilder& w) { w.record = "this is no record\n"; }, "three fields"},
    {"wrong hash",
     [](WheelBuilder& w) {
       w.add("x.py", "x");
       w.edit_record = replace(row("x.py", "x"), row("x.py", "y"));
     },
     "x.py: its content is"},
    {"wrong size",
     [](WheelBuilder& w) {
       w.add("x.py", "x");
       w.edit_record = replace(row("x.py", "x"), cas::record_row("x.py", cas::record_hash(cas::sha256("x")), 2));
     },
     "x.py: has 1 bytes, RECORD says 2"},
    {"wrong sha512",
     [](WheelBuilder& w) {
       w.add("x.py", "x");
       w.edit_record = replace(row("x.py", "x"), "x.py,sha512=" + cas::base64url_encode(std::string(64, 'h')) + ",1\n");
     },
     "x.py: its content is sha512="},
    {"wrong hash of WHEEL",
     [](WheelBuilder& w) {
       w.edit_record =
           replace(row("demo-1.0.dist-info/WHEEL", *w.wheel),
                   cas::record_row("demo-1.0.dist-info/WHEEL", cas::record_hash(cas::sha256("")), w.wheel->size()));
     },
     "WHEEL: its content is"},
    {"crc", [](WheelBuilder& w) { w.zip.at("demo/core.py").declared_crc = 5; }, "CRC-32"},
    {"archive", [](WheelBuilder& w) { w.zip.trailing = "x"; }, "after the end"},
};

const Case kAccepted[] = {
    {"plain", [](WheelBuilder&) {}},
    {"data descriptors and zip64",
     [](WheelBuilder& w) {
       w.zip.at("demo/core.py").descriptor = cas::test::DescriptorForm::plain_64;
       w.zip.at("demo/core.py").zip64 = true;
       w.zip.zip64_end = true;
     }},
    {"differing extra fields",
     [](WheelBuilder& w) { w.zip.at("demo/core.py").local_extra = cas::test::extra_field(0x5455, "\3abcd"); }},
    {"archive comment", [](WheelBuilder& w) { w.zip.comment = "built on a Tuesday"; }},
    {"directories",
     [](WheelBuilder& w) {
       w.add("demo/", "");
       w.add("demo/sub/", "");
       w.add("demo-1.0.data/", "");
       w.add("demo-1.0.data/scripts/", "");
       w.add("demo-1.0.dist-info/", "");
     }},
    {"directories in RECORD",
     [](WheelBuilder& w) {
       w.add("demo/sub/", "");
       w.more_record = "demo/sub/,,\ndemo/never/,sha256=odd,0\n";
     }},
    {"the same directory by two schemes",
     [](WheelBuilder& w) {
       w.add("demo/", "");
       w.add("demo-1.0.data/platlib/demo/", "");
       w.add("demo-1.0.data/platlib/demo/x.so", "x");
     }},
    {"a row twice", [](WheelBuilder& w) { w.more_record = row("demo/core.py", "print('hello')\n"); }},
    {"no size",
     [](WheelBuilder& w) {
       w.add("x.py", "x");
       w.edit_record =
           replace(row("x.py", "x"), cas::record_row("x.py", cas::record_hash(cas::sha256("x")), std::nullopt));
     }},
    {"CRLF in RECORD",
     [](WheelBuilder& w) {
       w.edit_record = [](std::string& rows) {
         std::string out;
         for (char c : rows) {
           if (c == '\n') out += '\r';
           out += c;
         }
         rows = out;
       };
     }},
    {"RECORD not in RECORD", [](WheelBuilder& w) { w.edit_record = replace("demo-1.0.dist-info/RECORD,,\n", ""); }},
    {"RECORD with a hash of itself",
     [](WheelBuilder& w) { w.edit_record = replace("/RECORD,,\n", "/RECORD,sha256=nonsense,7\n"); }},
    {"signatures without rows",
     [](WheelBuilder& w) {
       w.edit_zip = [](auto& z) {
         z.add("demo-1.0.dist-info/RECORD.jws", "{}");
         z.add("demo-1.0.dist-info/RECORD.p7s", "s");
       };
     }},
    {"signatures without hashes",
     [](WheelBuilder& w) {
       w.edit_zip = [](auto& z) { z.add("demo-1.0.dist-info/RECORD.jws", "{}"); };
       w.more_record = "demo-1.0.dist-info/RECORD.jws,,\n";
     }},
    {"dist-info in another spelling", [](WheelBuilder& w) { w.dist_info = "Demo-1.0.0.dist-info"; }},
    {"data in another spelling", [](WheelBuilder& w) { w.add("Demo-1.0.0.data/scripts/x", "x"); }},
    {"names with separators",
     [](WheelBuilder& w) {
       w.file_name = "de_mo.x-1.0-py3-none-any.whl";
       w.dist_info = "de_mo_x-1.0.dist-info";
       w.metadata = "Name: De-Mo.X\nVersion: 1.0.0\n";
     }},
    {"build tag", [](WheelBuilder& w) { w.file_name = "demo-1.0-7-py3-none-any.whl"; }},
    {"other tags in WHEEL",
     [](WheelBuilder& w) { w.wheel = "Wheel-Version: 1.0\nRoot-Is-Purelib: false\nTag: cp39-cp39-linux_x86_64\n"; }},
    {"root in capitals", [](WheelBuilder& w) { w.wheel = "wheel-version: 1.0\r\nroot-is-purelib: True\r\n"; }},
    {"UTF-8 name", [](WheelBuilder& w) { w.add("demo/caf\xC3\xA9.txt", "x").flags = 0x800; }},
    {"name with comma and quote", [](WheelBuilder& w) { w.add("demo/a, \"b\".txt", "x"); }},
    {"component of 255 bytes", [](WheelBuilder& w) { w.add("demo/" + long_name(255), "x"); }},
    {"top-level file that ends in .data", [](WheelBuilder& w) { w.add("table.data", "x"); }},
    {"names that sort between a directory and its files",
     [](WheelBuilder& w) {
       w.add("demo-x.py", "x");
       w.add("demo.py", "x");
     }},
    {"headers", [](WheelBuilder& w) { w.add("demo-1.0.data/headers/demo.h", "x"); }},
    {"egg-info beside", [](WheelBuilder& w) { w.add("demo.egg-info/x", "x"); }},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(wheel_rules)

BOOST_DATA_TEST_CASE(refuses, data::make(kRefused), one) {
  WheelBuilder builder = demo();
  one.change(builder);
  const std::string message = problem_of(builder);
  BOOST_TEST(message != "accepted");
  BOOST_TEST(message.find(one.problem) != std::string::npos, message);
}

BOOST_DATA_TEST_CASE(accepts, data::make(kAccepted), one) {
  WheelBuilder builder = demo();
  one.change(builder);
  BOOST_TEST(problem_of(builder) == "accepted");
  BOOST_TEST(OpenWheel(builder).source->warnings().empty());
}

BOOST_AUTO_TEST_CASE(pinning_forgives_nothing_else) {
  for (const Case& one : kRefused) {
    const std::string_view problem = one.problem;
    if (problem.find("its content is") != std::string_view::npos ||
        problem.find("RECORD says") != std::string_view::npos)
      continue;
    BOOST_TEST_CONTEXT(one.name) {
      WheelBuilder builder = demo();
      one.change(builder);
      BOOST_TEST(problem_of(builder, RecordPolicy::artifact_pinned) != "accepted");
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
