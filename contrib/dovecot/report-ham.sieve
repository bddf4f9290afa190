# SPDX-License-Identifier: GPL-3.0-or-later
# A user has moved or copied this message out of Junk.
require ["vnd.dovecot.pipe", "copy", "imapsieve", "environment", "variables",
  "special-use"];

if environment :matches "imap.mailbox" "*" {
  set :lower "to" "${1}";
  set "place" "${1}";
}
# Who throws his spam away does not say that it was good, nor who tidies it up.
if anyof (
  specialuse_exists "${place}" ["\\Trash"],
  specialuse_exists "${place}" ["\\Junk"],
  string :matches "${to}" ["*trash*", "deleted items", "deleted messages", "*junk*", "*spam*"]
) {
  stop;
}
if environment :matches "imap.user" "*" {
  set "user" "${1}";
}
pipe :copy "deskgate-report" ["ham", "${user}"];
