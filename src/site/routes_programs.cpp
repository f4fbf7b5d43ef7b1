#include "site/page_table.hpp"
#include "site/programs.hpp"

namespace plenary::site {

void add_program_pages(PageTable& table) {
  const web::Methods get = web::Method::get;
  const web::Guard sponsors = web::features({"sponsors", "public_ui"});
  table.add("sponsors:sponsor-list", "/{conference}/sponsors/", get, sponsors, show_sponsors);
  table.add("sponsors:sponsor-detail", "/{conference}/sponsors/{slug:slug}/", get, sponsors, show_sponsor);

  const web::Guard programs = web::features({"programs", "public_ui"});
  table.add("programs:activity-list", "/{conference}/programs/", get, programs, show_activities,
            load_activities);
  table.add("programs:activity-detail", "/{conference}/programs/{slug:slug}/", get, programs, show_activity,
            load_activity);
}

}  // namespace plenary::site
