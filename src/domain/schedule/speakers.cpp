#include "domain/schedule/speakers.hpp"

namespace plenary::schedule {

SpeakerRole speaker_role(db::Tx& tx, std::int64_t conference_id, std::int64_t user_id) {
  const auto speakers = tx.query<std::int64_t>(
      "SELECT id FROM speaker WHERE user_id = $1 AND conference_id + 0 = $2", user_id, conference_id);
  SpeakerRole role;
  role.presents = !speakers.empty();
  for (const std::int64_t speaker : speakers)
    if (tx.one<std::int64_t>(
            "SELECT COUNT(*) FROM talk_speaker m JOIN talk t ON t.id = m.talk_id WHERE m.speaker_id = $1 AND "
            "t.conference_id = $2 AND (SELECT COUNT(*) FROM talk_speaker o WHERE o.talk_id = t.id) >= 2",
            speaker, conference_id) != 0)
      role.co_presents = true;
  return role;
}

}  // namespace plenary::schedule
