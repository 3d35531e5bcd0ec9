#include "src/commands/audit.h"

#include <cstdio>
#include <fstream>

#include <fmt/format.h>

#include "imaging/error.h"
#include "src/statistics/audit.h"

namespace cemscope::commands {

int run_audit(const AuditArguments& arguments) {
  const auto audit = statistics::audit_facts(statistics::load_facts(arguments.facts), arguments.facts);
  fmt::print("{}", statistics::to_audit_text(audit));
  if (!arguments.results) return 0;
  std::ofstream out(*arguments.results, std::ios::binary);
  out << statistics::to_audit_json(audit).dump(1) << '\n';
  if (!out) throw Error(ErrorKind::unreadable, fmt::format("cannot write {}", arguments.results->string()));
  return 0;
}

}  // namespace cemscope::commands
