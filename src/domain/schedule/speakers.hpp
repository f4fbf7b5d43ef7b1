// Who speaks at a conference, as far as others ask. Owns the tables speaker, talk and talk_speaker. A
// function of a transaction; it reads. source: registration 20, 3.7; Pretalx 40, 4.
#pragma once

#include <cstdint>

#include "db/tx.hpp"

namespace plenary::schedule {

struct SpeakerRole {
  bool presents = false;     // the account is linked to a speaker of the conference
  bool co_presents = false;  // who is on a talk of it with two or more speakers
};
SpeakerRole speaker_role(db::Tx& tx, std::int64_t conference_id, std::int64_t user_id);

}  // namespace plenary::schedule
