// What a SEPA credit transfer file must look like, written down from the documents, not from the code that
// makes it: order and number of the elements, lengths, characters, formats of numbers and dates. The schemas
// of ISO 20022 themselves are not in any package. One thread. source: ISO 20022 message definition reports of
// pain.001.001.03 and .09; EPC132-08 (implementation guidelines); EPC217-08 (characters); DFÜ agreement,
// annex 3, chapter 2.
#pragma once

#include <string>
#include <vector>

namespace plenary::payments::testing {

// All that is wrong, with the path of the element. Empty: a bank takes it.
std::vector<std::string> sepa_faults(const std::string& xml, bool is_09);

}  // namespace plenary::payments::testing
