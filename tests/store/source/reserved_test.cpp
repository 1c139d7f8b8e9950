#include "store/source/reserved.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

namespace data = boost::unit_test::data;
using cas::reserved_problem;
using cas::Scheme;

namespace {

const char* const kScripts[] = {"python",        "python3",     "python3.12",     "python3.13t",  "python2",
                                "python2.7",     "activate",    "activate.fish",  "activate.csh", "activate_this.py",
                                "Activate.ps1",  "deactivate",  "deactivate.bat", "python3/x",    "Activate",
                                "ACTIVATE",      "activate.nu", "activate.xsh",   "activate.ps1", "Activate_This.py",
                                "Deactivate.nu", "sub/tool"};
const char* const kFreeScripts[] = {"pythonw-tool", "python-config", "ipython",    "Python",
                                    "pypy3",        "activator",     "activate-x", "activate-global-python-argcomplete",
                                    "pip",          "pyvenv.cfg"};
const char* const kData[] = {"pyvenv.cfg",
                             "lib64",
                             "lib64/x",
                             ".cas",
                             ".cas/anchor",
                             ".gitignore",
                             "CACHEDIR.TAG",
                             "bin",
                             "lib",
                             "include",
                             "bin/python3",
                             "bin/activate",
                             "lib/python3.12",
                             "lib/python3.12/os.py",
                             "lib/python3.13t/x/y",
                             "lib/python3.12/EXTERNALLY-MANAGED",
                             "lib/python3.12/site-packages",
                             "lib/python3",
                             "conda-meta/history"};
const char* const kFreeData[] = {"share/man/man1/x.1",
                                 "etc/jupyter/x.json",
                                 "bin/tool",
                                 "lib/libx.so",
                                 "lib/pythonic/x",
                                 "include/x.h",
                                 "lib/python3.12/site-packages/x.py",
                                 "PYVENV.CFG",
                                 "share/pyvenv.cfg",
                                 "binary",
                                 "python3"};

}  // namespace

BOOST_AUTO_TEST_SUITE(reserved)

BOOST_DATA_TEST_CASE(scripts, data::make(kScripts), path) {
  BOOST_TEST(reserved_problem(Scheme::scripts, path).has_value());
}
BOOST_DATA_TEST_CASE(free_scripts, data::make(kFreeScripts), path) {
  BOOST_TEST(!reserved_problem(Scheme::scripts, path).has_value());
}
BOOST_DATA_TEST_CASE(data_scheme, data::make(kData), path) {
  BOOST_TEST(reserved_problem(Scheme::data, path).has_value());
}
BOOST_DATA_TEST_CASE(free_data, data::make(kFreeData), path) {
  BOOST_TEST(!reserved_problem(Scheme::data, path).has_value());
}

BOOST_AUTO_TEST_CASE(libraries_and_headers_are_free) {
  for (const Scheme scheme : {Scheme::purelib, Scheme::platlib, Scheme::headers}) {
    BOOST_TEST(!reserved_problem(scheme, "python3").has_value());
    BOOST_TEST(!reserved_problem(scheme, "lib64").has_value());
  }
}

BOOST_AUTO_TEST_CASE(data_in_site_packages) {
  BOOST_TEST(cas::below_site_packages("lib/python3.12/site-packages/a/b").value() == "a/b");
  BOOST_TEST(!cas::below_site_packages("lib/python3.12/site-packages").has_value());
  BOOST_TEST(!cas::below_site_packages("lib/x/site-packages/a").has_value());
}

BOOST_AUTO_TEST_SUITE_END()
