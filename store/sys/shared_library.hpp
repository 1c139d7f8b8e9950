// A shared library that is loaded while the program runs, because most commands do without it.
#pragma once

#include <string>

namespace cas {

// Loaded until the process ends: what it registered (thread-local data, handlers at exit) could not be taken back safely.
class SharedLibrary {
 public:
  // `name` as the dynamic loader looks for it ("libcurl.so.4"). Throws Error with the loader's words and `hint`.
  SharedLibrary(const std::string& name, const std::string& hint);

  // Sets `function`, a pointer to a function of the declared type. Throws Error where the library has no such name.
  template <class Function>
  void find(const char* symbol, Function*& function) const {
    function = reinterpret_cast<Function*>(address(symbol));
  }

 private:
  [[nodiscard]] void* address(const char* symbol) const;

  std::string name_;
  std::string hint_;
  void* handle_;
};

}  // namespace cas
