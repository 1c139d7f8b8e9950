// What is ended with a program that is run.
#pragma once

namespace cas {

// What ends with a program, or is ended with it.
enum class Descendants {
  of_its_group,
  // Whatever it has started, also what has made a session of its own. For that the program runs below another process, which the orphans
  // among them get for a parent (prctl(2): PR_SET_CHILD_SUBREAPER), and which ends with the program's status when none is left.
  all
};

}  // namespace cas
