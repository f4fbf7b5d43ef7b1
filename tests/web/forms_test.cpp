#include "web/forms.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "web/errors.hpp"
#include "web/form_data.hpp"

namespace plenary::web::test {
namespace {

FormSpec checkout() {
  return FormSpec({
      {.name = "name", .label = "Name", .max_length = 5, .autocomplete = "name"},
      {.name = "email", .label = "E-mail", .kind = FieldKind::email, .max_length = 254},
      {.name = "quantity",
       .label = "Quantity",
       .kind = FieldKind::integer,
       .min = 1,
       .max = 10,
       .initial = "1"},
      {.name = "size",
       .label = "Size",
       .kind = FieldKind::choice,
       .choices = {{"s", "Small"}, {"m", "Medium"}}},
      {.name = "days",
       .label = "Days",
       .kind = FieldKind::choices,
       .required = false,
       .choices = {{"1", "One"}, {"2", "Two"}}},
      {.name = "terms", .label = "I agree", .kind = FieldKind::checkbox},
      {.name = "note", .label = "Note", .kind = FieldKind::multiline, .required = false},
      {.name = "amount", .label = "Amount", .kind = FieldKind::decimal, .required = false},
      {.name = "secret", .label = "Password", .kind = FieldKind::password, .required = false},
  });
}

FormData data(std::string_view body) {
  return FormData::parse_urlencoded(body);
}

std::string codes(const Form& form, std::string_view field) {
  std::string text;
  for (const FieldError& error : form.errors(field)) text += error.code + " ";
  return text;
}

TEST(Forms, AGoodFormGivesCleanValues) {
  FormSpec spec = checkout();
  FormData posted = data(
      "name=+J%C3%BCrg%20&email=a@b.example&quantity=3&size=m&days=1&days=2&terms=on&note=a%0D%0Ab&amount=12."
      "50&secret=+x+");
  Form form = Form::bind(spec, posted);
  EXPECT_TRUE(form.valid());
  EXPECT_EQ(form.text("name"), "J\xc3\xbcrg");
  EXPECT_EQ(form.integer("quantity"), 3);
  EXPECT_EQ(form.text("size"), "m");
  EXPECT_EQ(form.selected("days"), (std::vector<std::string>{"1", "2"}));
  EXPECT_TRUE(form.checked("terms"));
  EXPECT_EQ(form.text("note"), "a\nb");
  EXPECT_EQ(form.text("amount"), "12.50");
  EXPECT_EQ(form.text("secret"), " x ") << "a password is nobody's to trim";
  EXPECT_THROW(form.text("nmae"), std::logic_error);
}

TEST(Forms, NumbersAreReadAsPeopleWriteThem) {
  const FormSpec spec = checkout();
  for (const auto& [typed, value] :
       {std::pair("12.50", "12.50"), std::pair("12%2C50", "12.50"), std::pair("1.234%2C5", "1234.5")}) {
    const std::string body = std::string("name=A&amount=") + typed;
    const Form form = Form::bind(spec, data(std::string_view(body)));
    EXPECT_EQ(form.text("amount"), value);
    EXPECT_EQ(codes(form, "amount"), "") << typed;
  }
}

TEST(Forms, EveryErrorStandsBesideItsFieldAndWhatWasTypedIsKept) {
  FormSpec spec = checkout();
  FormData posted =
      data("name=Maximilian&email=nobody&quantity=11&size=xl&days=3&note=a%01&amount=many&secret=hush");
  Form form = Form::bind(spec, posted);
  EXPECT_FALSE(form.valid());
  EXPECT_EQ(codes(form, "name"), "too_long ");
  EXPECT_EQ(codes(form, "email"), "not_an_email ");
  EXPECT_EQ(codes(form, "quantity"), "too_large ");
  EXPECT_EQ(codes(form, "size"), "not_a_choice ");
  EXPECT_EQ(codes(form, "days"), "not_a_choice ");
  EXPECT_EQ(codes(form, "terms"), "required ");
  EXPECT_EQ(codes(form, "note"), "control_characters ");
  EXPECT_EQ(codes(form, "amount"), "not_a_number ");
  EXPECT_EQ(form.errors("name")[0].message, "Please use at most 5 characters (it has 10).");
  FieldView name = form.view("name");
  EXPECT_EQ(name.value, "Maximilian");
  EXPECT_EQ(name.error_id, "id_name_error");
  EXPECT_TRUE(name.invalid);
  EXPECT_EQ(name.autocomplete, "name");
  EXPECT_EQ(form.view("quantity").max, 10);
  EXPECT_EQ(form.view("secret").value, "") << "a password is never sent back";
  EXPECT_EQ(form.views().size(), 9u);
}

TEST(Forms, AnEmptyFormMissesWhatIsRequiredAndNothingElse) {
  FormSpec spec = checkout();
  Form form = Form::bind(spec, FormData());
  for (std::string field : {"name", "email", "quantity", "size", "terms"})
    EXPECT_EQ(codes(form, field), "required ") << field;
  for (std::string field : {"days", "note", "amount", "secret"}) EXPECT_EQ(codes(form, field), "") << field;
}

TEST(Forms, LengthIsCountedInCharacters) {
  FormSpec spec({{.name = "name", .label = "Name", .max_length = 5}});
  FormData posted = data("name=%F0%9F%8E%AB%F0%9F%8E%AB%F0%9F%8E%AB%F0%9F%8E%AB%F0%9F%8E%AB");
  EXPECT_TRUE(Form::bind(spec, posted).valid());
}

TEST(Forms, RefusalsOfTheDomainGoToTheirField) {
  FormSpec spec = checkout();
  FormData posted = data("name=Anna&email=a@b.example&quantity=3&size=m&terms=on");
  Form form = Form::bind(spec, posted);
  ASSERT_TRUE(form.valid());
  form.add_error(Refused("sold_out", "Only {left} left.", {{"left", "2"}}, "quantity"));
  form.add_error(Refused("closed", "The sale is over."));
  EXPECT_FALSE(form.valid());
  EXPECT_EQ(form.view("quantity").errors, (std::vector<std::string>{"Only 2 left."}));
  ASSERT_EQ(form.form_errors().size(), 1u);
  EXPECT_EQ(form.form_errors()[0].message, "The sale is over.");
}

TEST(Forms, AnUnboundFormShowsInitialValues) {
  FormSpec spec = checkout();
  Form form(spec, {{"name", "Anna"}, {"size", "m"}});
  EXPECT_FALSE(form.valid());
  EXPECT_EQ(form.view("name").value, "Anna");
  EXPECT_EQ(form.view("quantity").value, "1");
  EXPECT_TRUE(form.view("size").options[1].selected);
  EXPECT_FALSE(form.view("terms").checked);
  EXPECT_THROW(FormSpec({{.name = "a", .label = "A"}, {.name = "a", .label = "B"}}), std::logic_error);
}

TEST(FormData_, ReadsMultipartWithFiles) {
  std::string body =
      "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\none\r\ntwo\r\n"
      "--b\r\nContent-Disposition: form-data; name=\"f\"; "
      "filename=\"C:\\dir\\caf\xc3\xa9.pdf\"\r\nContent-Type: application/pdf\r\n\r\n"
      "%PDF\r\n--not the boundary\r\n"
      "--b\r\nContent-Disposition: form-data; name=\"empty\"; filename=\"\"\r\nContent-Type: "
      "application/octet-stream\r\n\r\n\r\n"
      "--b\r\nContent-Disposition: form-data; name=\"q%22\"\r\n\r\n\r\n"
      "--b--\r\n";
  FormData form = FormData::parse("multipart/form-data; boundary=\"b\"", body);
  EXPECT_EQ(form["a"], "one\r\ntwo");
  EXPECT_EQ(form.get("q\""), "");
  ASSERT_EQ(form.files().size(), 1u);
  EXPECT_EQ(form.file("f")->filename, "caf\xc3\xa9.pdf");
  EXPECT_EQ(form.file("f")->claimed_type, "application/pdf");
  EXPECT_EQ(form.file("f")->bytes, "%PDF\r\n--not the boundary");
}

TEST(FormData_, FileNamesCannotLeaveTheirFolder) {
  for (auto [sent, kept] :
       {std::pair{"../../etc/passwd", "passwd"}, {"a\\..\\b", "b"}, {"..", ""}, {"x%0D%0Ay", "xy"}}) {
    std::string body = std::string("--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"") + sent +
                       "\"\r\n\r\nx\r\n--b--\r\n";
    EXPECT_EQ(FormData::parse_multipart("b", body).file("f")->filename, kept) << sent;
  }
}

TEST(FormData_, ALongFileNameIsCutBetweenCharacters) {
  std::string name;
  for (int i = 0; i < 300; ++i) name += "\xc3\xa9";
  const std::string body =
      "--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"" + name + "\"\r\n\r\nx\r\n--b--\r\n";
  EXPECT_EQ(FormData::parse_multipart("b", body).file("f")->filename, name.substr(0, 254));
}

TEST(FormData_, LimitsHold) {
  FormLimits limits;
  limits.fields = 2;
  limits.value_bytes = 5;
  limits.file_bytes = 4;
  auto status = [&](auto&& parse) {
    try {
      parse();
    } catch (const HttpError& error) {
      return error.status();
    }
    return 200;
  };
  EXPECT_EQ(status([&] { FormData::parse_urlencoded("a=12345&b=2", limits); }), 200);
  EXPECT_EQ(status([&] { FormData::parse_urlencoded("a=1&b=2&c=3", limits); }), 413);
  EXPECT_EQ(status([&] { FormData::parse_urlencoded("a=123456", limits); }), 413);
  std::string file =
      "--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"x\"\r\n\r\n12345\r\n--b--\r\n";
  EXPECT_EQ(status([&] { FormData::parse_multipart("b", file, limits); }), 413);
}

TEST(FormData_, WhatWasEncodedIsReadBack) {
  EXPECT_TRUE(rc::check([](std::vector<std::pair<std::string, std::string>> fields) {
    static constexpr char digits[] = "0123456789abcdef";
    std::string body;
    for (auto& [name, value] : fields) {
      for (std::string* part : {&name, &value}) {
        for (char& c : *part) {
          c = static_cast<char>((static_cast<unsigned char>(c) & 0x7f) | 1);  // ASCII, no NUL
          body += {'%', digits[c >> 4], digits[c & 15]};
        }
        body += part == &name ? '=' : '&';
      }
    }
    FormData form = FormData::parse_urlencoded(body);
    RC_ASSERT(form.fields().size() == fields.size());
    for (std::size_t i = 0; i < fields.size(); ++i) {
      RC_ASSERT(form.fields()[i].name == fields[i].first);
      RC_ASSERT(form.fields()[i].value == fields[i].second);
    }
  }));
}

}  // namespace
}  // namespace plenary::web::test
