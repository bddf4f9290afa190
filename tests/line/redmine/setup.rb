# SPDX-License-Identifier: GPL-3.0-or-later
#
# usage: setup.rb FOLDER PROJECT...
#
# Makes of an empty database a Redmine as the tests need it: projects, the custom field
# for the Message-ID on each but the last, and users whose API keys go to files in
# FOLDER: `key` that of Deskgate's (no administrator), `key.agent`, `key.weak` (sees the
# projects, may do nothing), `key.admin`.  Run by Redmine's own Ruby, in its environment.
require '/usr/share/redmine/config/environment'

folder, *names = ARGV
ENV['VERBOSE'] = 'false'
# No thread of a mailer beside us, which would want the database too.
ActiveJob::Base.queue_adapter = :inline
ActiveRecord::Tasks::DatabaseTasks.migrate
ActiveRecord::Base.descendants.each(&:reset_column_information)
Redmine::DefaultData::Loader.load('en')

Setting.rest_api_enabled = '1'
Setting.default_language = 'en'
Setting.notified_events = []
Setting.mail_from = 'redmine@desk.example'

def person(name, admin: false)
  user = User.new(:firstname => name.capitalize, :lastname => 'Desk', :mail => "#{name}@desk.example")
  user.login = name
  user.admin = admin
  user.password = user.password_confirmation = SecureRandom.hex(16)
  user.save!
  user
end

def key_to(path, user)
  File.write(path, "#{user.api_key}\n", :perm => 0o600)
end

def role(name, permissions)
  made = Role.create!(:name => name, :permissions => permissions)
  made.copy_workflow_rules(Role.find_by_name('Manager'))
  made
end

desk = role('Deskgate', [:view_issues, :add_issues, :edit_issues, :add_issue_notes, :delete_issues,
                         :set_notes_private, :view_private_notes])
agents = role('Agent', [:view_issues, :add_issues, :edit_issues, :add_issue_notes,
                        :set_notes_private, :view_private_notes])
weak = role('Weak', [:view_issues])
people = { 'deskgate' => desk, 'agent' => agents, 'weak' => weak }.to_h { |n, r| [person(n), r] }
admin = person('root', :admin => true)

projects = names.map do |name|
  project = Project.new(:name => name, :is_public => true)
  project.identifier = name.downcase
  project.enabled_module_names = %w(issue_tracking)
  project.trackers = Tracker.all
  project.save!
  IssueCategory.create!(:project => project, :name => 'Spam')
  people.each { |user, r| Member.create!(:project => project, :principal => user, :roles => [r]) }
  project
end
IssueCustomField.create!(:name => 'MailMessageID', :field_format => 'text', :is_filter => true,
                         :trackers => Tracker.all, :projects => projects[0..-2])
people.keys.zip(['key', 'key.agent', 'key.weak']).each { |u, f| key_to(File.join(folder, f), u) }
key_to(File.join(folder, 'key.admin'), admin)
