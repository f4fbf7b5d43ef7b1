#include "site/answers.hpp"
#include "site/page_table.hpp"
#include "site/questions.hpp"

namespace plenary::site {

void add_answer_pages(PageTable& table) {
  const web::Methods get = web::Method::get, form = web::Method::get | web::Method::post;
  const web::Guard owner = web::signed_in() & shop_guard();
  const std::string order = "/{conference}/register/orders/{reference}/";
  const std::string seat = "/{conference}/register/seats/{seat:int}/{token}/";
  const auto add = [&](const std::string& name, const std::string& path, const web::Guard& guard) {
    table.add(name, path, form, guard, answers).max_body = largest_form_with_files;
  };
  add("registration:order-answers", order + "answers/{position:int}/", owner);
  add("registration:order-secret-answers", order + "{token}/answers/{position:int}/", shop_guard());
  add("registration:seat-answers", seat + "answers/", shop_guard());
  table.add("registration:order-answer-file", order + "files/{file:int}/", get, owner, send_answer_file);
  table.add("registration:order-secret-answer-file", order + "{token}/files/{file:int}/", get, shop_guard(),
            send_answer_file);
  table.add("registration:seat-answer-file", seat + "files/{file:int}/", get, shop_guard(), send_answer_file);
}

}  // namespace plenary::site
