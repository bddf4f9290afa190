# SPDX-License-Identifier: GPL-3.0-or-later
# A user has moved or copied this message into Junk.
require ["vnd.dovecot.pipe", "copy", "imapsieve", "environment", "variables"];

if environment :matches "imap.user" "*" {
  set "user" "${1}";
}
pipe :copy "deskgate-report" ["spam", "${user}"];
