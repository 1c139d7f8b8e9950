#include "store/sys/shared_library.hpp"

#include <dlfcn.h>

#include "store/base/error.hpp"

namespace cas {

SharedLibrary::SharedLibrary(const std::string& name, const std::string& hint)
    : name_(name), hint_(hint), handle_(::dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL)) {
  if (handle_ == nullptr) throw Error("loading " + name + ": " + ::dlerror(), hint);
}

void* SharedLibrary::address(const char* symbol) const {
  void* const found = ::dlsym(handle_, symbol);
  if (found == nullptr) throw Error("loading " + name_ + ": it has no function " + symbol, hint_);
  return found;
}

}  // namespace cas
