// All that a program needs to embed Plenary: main_program and Program, pages and their guards, templates and
// their variables, who hears of paid orders, the settings, the feature toggles, the database.
// docs/embedding.md shows each beside the Python that it stands for.
#pragma once

#include "base/errors.hpp"
#include "cli/run.hpp"
#include "config/errors.hpp"
#include "config/settings.hpp"
#include "db/database.hpp"
#include "domain/conference/conferences.hpp"
#include "domain/conference/features.hpp"
#include "embed/program.hpp"
#include "site/extensions.hpp"
#include "site/features.hpp"
#include "site/page.hpp"
#include "site/page_table.hpp"
#include "site/text.hpp"
#include "templating/context.hpp"
#include "templating/fields.hpp"
#include "templating/library.hpp"
#include "templating/value.hpp"
#include "web/forms.hpp"
#include "web/guard.hpp"
#include "web/request.hpp"
#include "web/response.hpp"

namespace plenary {

using config::get_config;
using config::get_settings;
using config::ScopedOverride;

using conference::is_feature_enabled;
using conference::require_feature;
using site::is_feature_enabled;
using site::require_feature;

using cli::main_program;
using embed::Program;
using embed::ProgramOptions;
using site::Extensions;
using site::PaidOrder;

}  // namespace plenary
