# The console in English. Ids go by page; a name that is not here is found by the test of templates.

## Everywhere
skip = Skip to content
menu = Menu
breadcrumb = Breadcrumb
close = Close
cancel = Cancel
save = Save changes
copy = Copy
account = Account
help = Keyboard and help
sign-out = Sign out
theme-switch = Switch theme
shortcuts = Keyboard shortcuts
search-button = Find keys, teams, requests…
key-control = Ctrl
request-id = Request ID
copy-request-id = Copy request ID
email = Email
password = Password
your-name = Your name
time-now = just now
time-ago-s = { $count } s ago
time-ago-min = { $count } min ago
time-ago-h = { $count } h ago
time-ago-d = { $count ->
    [one] yesterday
   *[other] { $count } days ago
  }
time-in-s = in { $count } s
time-in-min = in { $count } min
time-in-h = in { $count } h
time-in-d = { $count ->
    [one] tomorrow
   *[other] in { $count } days
  }
js-theme = Theme
js-copied = Copied
js-selected = selected
js-live-on = Live updates on
js-live-paused = Live updates paused

# Live lists, and the box that waits for a first request
live-on = Live
live-paused = Paused
live-lost = Not live
live-held = New ones wait
live-toggle = Pause or resume live requests
live-full = Too many pages are live at the moment. Reload this one to see what is new.
live-elsewhere = A newer page of yours is live. Reload this one to follow it again.
live-session-over = Your session is over. Sign in again to see what is new.
live-not-permitted = You may no longer see these requests.
live-more = { $count ->
    [one] One more request.
   *[other] { $shown } more requests.
  }
live-reload = Reload the list
first-request = First request:
first-request-text = in { $time }, { $cost }.
first-request-open = Look at it
first-request-waiting = Waiting for the first request…
first-request-how = Run the example above. The request shows up here within a second.

## Navigation
nav-primary = Primary
nav-main = Main
nav-home = Headgate home
nav-go-to = Go to { $page }
nav-access = Access
nav-gateway = Gateway
nav-govern = Govern
nav-overview = Overview
nav-requests = Requests
nav-usage = Usage & spend
nav-keys = Keys
nav-teams = Teams
nav-people = People
nav-organizations = Organizations
nav-models = Models
nav-budgets = Budgets & limits
nav-audit = Audit log
nav-settings = Settings
scope-all = All organizations
scope-organization = Organization
scope-platform = The whole platform
role-platform-admin = Platform administrator
role-platform-auditor = Platform auditor
role-organization-admin = Organization administrator
role-team-admin = Team lead
role-member = Member
role-viewer = Viewer
role-none = No role
person-operator = Operator

## Palette and shortcuts
palette = Command palette
palette-label = Search keys, teams, requests, actions
palette-hint = Search keys, teams, request IDs, or type an action…
palette-results = Results
palette-actions = Actions
palette-go = Go to
palette-found = Found
palette-none = Nothing matches. Paste a full request ID to look it up across all time.
shortcuts-intro = Press ? on any page. Single-key shortcuts can be turned off in your account.
shortcut-search = Search or jump to
shortcut-rows = Next / previous row
shortcut-select = Select row
shortcut-open = Open row
shortcut-close = Close dialog or drawer
shortcut-help = This help

## Sign-in and first start
sign-in-title = Sign in
sign-in-to = Sign in to Headgate
sign-in-at = The AI gateway at
sign-in = Sign in
sign-in-operator = I am the operator
sign-in-with-key = Sign in with the master key
master-key = Master key
master-key-hint = What the gateway was started with. Virtual keys do not sign in here.
sign-in-first = First start?
sign-in-setup = Make the first administrator
sign-in-no-keys = No account? An administrator of your organization makes one. API keys do not sign in here.
sign-in-insecure = Your browser will not keep you signed in at this address.
sign-in-insecure-why = This page came over plain http from another machine, and the session’s cookie travels over https only. Put https in front of the gateway and set its address in the configuration:
sign-in-need = Sign in with an email address and a password, or with the master key.
about = About Headgate
about-quote = One gate for every model. You see what flows, who it is for, and what it costs.
about-text = Keys, budgets, fallbacks and an audit trail for all your AI traffic.
setup-title = Make the first administrator
setup-intro = This account can do everything. Make accounts with fewer rights for daily work.
setup-token = Setup token
setup-token-hint = The gateway printed it at its start. It is good for 30 minutes, once.
setup-do = Make administrator
setup-done = There is an administrator already. Ask them for an account, or sign in.
password-hint = 12 characters or more. A sentence is easier to remember than a riddle.
said-administrator = Your account is made. Sign in with it.
said-signed-out = You are signed out.

## When a page cannot be shown
error-home = Go to the overview
error-retry = Try again
error-403 = You may not see this
error-403-hint = What you may do is decided by your roles. An administrator of your organization can give you another one.
error-404 = There is nothing here
error-404-hint = It may have been deleted, or it belongs to somebody else. Check the address.
error-conflict = Somebody was faster
error-conflict-hint = Load the page again to see what is there now.
error-form = This cannot be done
error-form-hint = Go back, change what was named, and try again.
error-many = Too many attempts
error-many-hint = Wait the time that is named, then try again.
error-503 = The store does not answer
error-503-hint = Requests of your applications go on. This page comes back when the store does.
error-500 = Something went wrong
error-500-hint = The operator finds the cause in the log, under the request ID below.
error-cross-site = This did not come from the console
error-cross-site-hint = Go back, load the page again and repeat what you did.

## Figures and charts
pager-of = { $shown } of { $total }
pager-shown = { $shown } shown
pages = Pages
page-first = Newest
page-next = Older
hint-move = move
hint-open = open
chart-table = View as table
chart-data = { $what }, data
chart-total = Total
chart-daily = { $what }: { $total } in 30 days. Use arrow keys to read each day.
date-head = Date
measure = Measure
measure-spend = Spend
measure-requests = Requests
measure-tokens = Tokens
without = None
others = Others
budget-pace = Daily pace for budget
window-month = month
window-week = week
window-day = day
window-hour = hour
window-none = all time
budget-every = Every { $window }
budget-life = In all
budget-of-model = { $budget }, { $model }
budget-used = { $share } of the budget used
budget-used-gone = { $share } of the budget used, { $gone } of its time gone
budget-out = Used up: requests are refused
budget-passed = Passed; nothing is refused
budget-runs-out = Runs out { $day }
budget-resets = Starts anew { $day }
budget-no-reset = Never starts anew
of-limit = of { $limit }
of-limit-window = of { $limit } / { $window }
left-of = { $left } of { $limit }

## Words of many pages
key = Key
team = Team
status = Status
environment = Environment
name = Name
model = Model
models = Models
budget = Budget
budgets = Budgets
every = Every
expires = Expires
never = Never
tags = Tags
time = Time
tokens = Tokens
latency = Latency
cost = Cost
level = Level
details = Details
created = Created
filter = Filter
clear-filters = Clear filters
filter-list = Filter this list
no-limit = No limit
rpm = Requests / min
tpm = Tokens / min
parallel = In parallel
addresses = Allowed addresses
addresses-hint = Addresses or networks, with commas. Empty: from everywhere.
anywhere = Everywhere
done = Done
edit = Edit
last-used = Last used
days-30 = 30 days
request-or-key = Key or request
service-account = service account
nobodys = the organization’s
models-all = All
models-some = { $count ->
    [one] 1 model
   *[other] { $shown } models
  }
environment-production = Production
environment-staging = Staging
environment-development = Development
environment-none = None
state-active = Active
state-blocked = Blocked
state-expired = Expired
state-over = Budget reached
state-ending = Expires soon
level-organization = Organization
level-team = Team
level-project = Project
level-user = Person
level-member = Member
level-key = Key
level-end-user = End user
level-tag = Tag
form-fix = One thing to fix:

## Keys
keys-sub = Virtual keys for people, services and CI.
keys-create = Create key
keys-create-first = Create the first key
keys-create-sub = Works with any OpenAI or Anthropic SDK.
keys-none = No keys yet
keys-none-text = A key lets an app or a person call your models through Headgate. Give each its own key: then you see what each costs and can stop one without touching the rest.
keys-ask = Your team lead or an administrator of your organization can make one for you.
keys-views = Saved views
keys-view-all = All
keys-view-mine = Mine
keys-view-ending = Expiring in 7 days
keys-view-unused = Unused for 30 days
keys-view-blocked = Blocked
keys-view-services = Service accounts
keys-filter = Filter keys
keys-filter-hint = Name, ID, or the last four characters
keys-any-team = Any team
keys-any-status = Any status
keys-any-environment = Any environment
keys-table = Keys table
keys-team-owner = Team and owner
keys-spend = Spend this period
keys-no-budget = No own budget, higher limits apply
keys-no-team = No team
keys-without-team = No team
keys-trend = Spend of { $name } in 30 days
keys-none-match = No key matches
keys-none-found = No key matches “{ $q }”
keys-none-found-text = Check the spelling, or take a filter away.
keys-found = { $count ->
    [one] 1 key
   *[other] { $shown } keys
  }
keys-name-hint = Say where it runs. People search for this name when something breaks at night.
keys-belongs = Belongs to
keys-belongs-hint = A service key survives when people leave. It needs a team.
keys-team-hint = The team pays, and its limits hold too.
keys-models-hint = Choose none to allow all models that the levels above allow.
keys-more = Rate limits, environment, tags, addresses
owner-service = A service
owner-me = Me
ends-30 = In 30 days
ends-90 = In 90 days
ends-365 = In a year
ends-same = As it is ({ $end })
secret-ready = { $name } is ready.
secret-copy-now = Copy the key now: we store only a hash, so it cannot be shown again.
secret-copy = Copy key
secret-copied = Key copied
secret-lost = Lost it later? Rotate the key to get a new one.
secret-go = Go to key
snippet = Code example
snippet-copied = Example copied
key-created = Key created
key-rotated = Key rotated
key-rotate = Rotate key
key-block = Block key
key-unblock = Unblock key
key-edit = Edit key
key-delete = Delete key
rotate = Rotate
block = Block
unblock = Unblock
key-usage = Usage
key-chart = Daily use of { $name } by model
key-applies = What applies to this key
key-applies-sub = Every level is checked; the tightest limit wins. It is marked.
key-effective = Effective limits
budget-left = Budget left
tightest = tightest
latest-requests = Latest requests
key-all-requests = All requests of this key
requests-none-yet = No requests yet
key-unused-text = Use the example beside this to send the first one.
key-use = Use this key
key-use-text = The key itself was shown once. Lost it? Rotate to get a new one; the old one can keep working for up to 7 days.
key-id = Key ID
copy-key-id = Copy key ID
key-runs-out = This key reaches its budget on { $day }.
key-ran-out = This key has used up its budget.
key-note-then = Requests then get
raise-budget = Raise budget
created-by = { $day } by { $name }
rotated = Rotated
rotated-until = The secret { $mask } works until { $until }
block-title = Block { $name }?
block-then = From now on its requests get 401 (blocked_key). You can unblock it at any time.
block-keep = Keep it active
busy = { $count ->
    [one] Used once, { $ago }.
   *[other] Used { $shown } times, last { $ago }.
  }
busy-never = It has never been used.
rotate-title = Rotate { $name }
rotate-text = You get a new secret. Budgets, limits and history stay.
rotate-grace = Old key keeps working for
grace-0 = 0
grace-0-note = Stops at once
grace-24 = 24 hours
grace-24-note = Recommended
grace-7 = 7 days
grace-7-note = Slow rollouts
delete-title = Delete { $name }?
delete-then = Its requests get 401 from now on. Its history and its spend stay; the key does not come back. To stop it for a while, block it.
delete-keep = Keep the key
said-key-blocked = The key is blocked. Its requests are refused from now on.
said-key-unblocked = The key works again.
said-key-deleted = The key is deleted.
said-key-saved = The key is changed.

## Overview
range = Time range
range-24h = 24 h
range-7d = 7 days
range-30d = 30 days
range-mtd = This month
key-figures = Key figures
overview-sub = { $scope } · times in { $zone } · updated { $time }
overview-new = No request has come through yet.
overview-new-text = Three steps lead to the first one.
welcome-open = Get started
overview-chart-sub = Daily, last 30 days · today so far is lighter
chart-spend-by = Spend by { $group }
group-by = Group by
group-team = Team
group-model = Model
group-key = Key
tile-today = Spend today
tile-today-note = vs. yesterday, { $time }
tile-month = Spend this month
tile-month-note = { $share } · forecast { $forecast }
tile-month-set = Set a budget
tile-requests = Requests
tile-previous = vs. the time before
tile-errors = Error rate
tile-errors-note = mostly { $status }
tile-errors-none = no request failed
tile-latency = Latency, average
tile-latency-note = first byte to last, all models
tile-tokens = Tokens in · out
tile-tokens-note = { $share } of input from cache
budgets-at-risk = Budgets at risk
budgets-all = All budgets
budgets-none-at-risk = Nothing runs out
budgets-none-at-risk-text = No budget is used up before it starts anew, at the present pace.
forecast-how = Forecast from the last 7 days; of budgets of a day or less, from the last day.
requests-all = All requests
requests-none-yet-text = They show up here as soon as they are answered.
top-models = Top models
top-models-sub = by spend
models-every = All models
no-data-range = Nothing in this range.
errors = Errors
requests-count = { $count ->
    [one] 1 request
   *[other] { $shown } requests
  }
share-of-all = { $share } of it all
share-of-top = { $share } of the dearest

## Requests
requests-sub = Bodies are not stored · times in { $zone }
requests-hint = Request ID, or status:429 team:risk model:claude cost:>0.1
requests-filter = Filter requests
requests-table = Requests table
requests-none = No request in this range
requests-none-text = Take a filter away, or look at a longer time.
requests-widen = Look at 30 days
requests-unread = Not understood: { $words }. Write name:value with one of status, team, key, user, model, provider, deployment, environment, tag, end_user, code, call, cost:>0.1, or paste a request ID.
requests-totals = { $count } requests · { $spend } · { $share } errors
requests-outcomes = Requests by outcome
requests-over-time = Requests by outcome over time: { $total }. Use arrow keys to read each column.
range-1h = 1 h
outcome-ok = OK
outcome-limited = Limited (429)
outcome-refused = Refused (4xx)
outcome-failed = Errors (5xx)
export-csv = Export CSV
clear-all = Clear all
chip-remove = Remove filter: { $name }
key-and-team = Key and team
tokens-in = Tokens in
tokens-out = Out
first-token = First token
total = Total
note = Note
open-request = Open request of { $key } at { $time }
fallbacks = fallback ×{ $count }
attempts-many = { $count } attempts
stream = stream
similar-requests = Similar requests
time-went = Where the time went
time-went-label = Where the time went: { $parts }
in-total = total
part-gateway = Gateway
part-failed = Attempt { $number }, failed
part-first = To first token
part-rest = Answering
attempts = Attempts
attempts-none = It was answered without asking a provider.
count = Count
cost-estimated = The provider did not say how many tokens it counted; Headgate counted itself.
who = Who
person = Person
project = Project
end-user = End user
call-id = Caller’s ID
provider = Provider
tokens-input = Input
tokens-cache-read = Input, from prompt cache
tokens-cache-write = Input, written to prompt cache
tokens-audio-in = Input, audio
tokens-image-in = Input, images
tokens-output = Output
tokens-reasoning = Output, reasoning
tokens-audio-out = Output, audio
bodies-not-stored = Bodies are not stored.
bodies-not-stored-text = Headgate keeps what was counted, not what was said.

## Teams
teams-sub = People and keys that pay together.
teams-none = No teams yet
teams-none-text = A team has a budget, members and keys of its own. Make one for each product or department.
teams-none-match = No team matches
teams-filter = Filter teams
team-create = Create team
team-edit = Edit team
name-or-id = Name or ID
runs-out = Runs out
members = Members
member = Member
role = Role
limits = Limits
money-goes = Where the money goes
members-none = Nobody is in this team yet
members-none-text = Its keys work all the same. An administrator adds people.
team-sub = { $count ->
    [one] 1 member
   *[other] { $shown } members
  }
team-led-by = { $members } · led by { $name }
burn-title = Spend in { $month }
burn-sub = Spent so far, and where it is heading
burn-spent = Spent
burn-left = Left of { $limit }
burn-forecast = Forecast, { $day }
burn-pace = Daily pace
burn-line-forecast = Forecast
burn-line-pace = Even pace
burn-budget = Budget { $limit }
burn-caption = Spend of { $name } this month
burn-summary = { $name } spent { $spent } this month. Use arrow keys to read each day.
per-member = Per member
said-team-made = The team is made.
said-team-saved = The team is changed.

## Audit log
audit-sub = Every change, by whom, from where. Entries are chained: none can be changed or taken out unseen.
audit-verify = Verify the chain
audit-whole = All is as it was written: { $shown } entries read.
audit-broken = The trail has been tampered with: { $shown } entries read.
audit-anchor-line = Line { $line } of the file of anchors cannot be read.
audit-events = Audit events
audit-who = Actor
audit-who-hint = Actor: user_…, master_key
audit-object = Object
audit-object-hint = Object: key_…, team_…
audit-kind = Kind of thing
audit-any = Anything
audit-none = Nothing happened in this range
audit-none-text = Take a filter away, or look at a longer time.
range-90d = 90 days
range-all = All
actor = Actor
actor-system = Headgate
actor-command-line = Command line
actor-anonymous = Unknown
what-happened = What happened
before-after = Before → after
from = From
deployment = Deployment
deployments = Deployments
session = Session
template = Template
via-console = Console
via-key = API key
via-master-key = Master key
via-command-line = Command line
via-system = By itself
via-nobody = Not signed in

## Budgets
budgets-sub = Every budget of every level, the first to run out first.
budgets-every = All
budgets-none = No budget yet
budgets-none-text = A budget stops spending before it hurts. Set one on a team or a key: when it is used up, requests are refused until it starts anew.
budgets-first = Set the first on a team
budget-whose = Whose
budget-counts = Counts
projects = Projects
end-users = End users
mode-enforce = Requests are refused at the limit
mode-shadow = Only shown, nothing is refused
mode-soft = Tells at the limit, refuses nothing

## Usage
usage-sub = { $from } to { $to } · times in { $zone }
usage-table = Usage by group
chart-measure-by = { $measure } by { $group }
share = Share
change = Change
tag = Tag

## Models
models-sub = { $names } model names, { $deployments } deployments · figures of the last 24 hours
models-check = Check all now
models-filter = Filter deployments
models-none = No model matches
models-none-text = Models are written in the configuration file (model_list), or added with POST /api/v1/deployments.
requests-24h = Requests, 24 h
written-in = Written in
origin-file = Configuration file
origin-store = Store
actions = Actions
test = Test
test-one = Test { $name }
state-unusable = Not usable
state-answers = Answers
state-silent = Does not answer
state-degraded = Degraded

## People and organizations
people-sub = Who may sign in, as what, and what their keys spend.
people-hint = Name, email address or ID
people-filter = Filter people
people-none = Nobody matches
people-none-text = Check the spelling. Accounts are made with POST /api/v1/users.
roles = Roles
role-in = { $role }, { $place }
organizations-sub = Tenants of this gateway; none sees another.
organizations-none = No organization
time-zone = Time zone

## Account
preferences = Preferences of this browser
language = Language
language-browser = As the browser asks
theme-system = As the system
theme-light = Light
theme-dark = Dark
shortcuts-on = On
shortcuts-off = Off, only Ctrl K stays
password-change = Change password
password-now = Password of now
password-new = New password
password-ends = All your other sessions end.
sessions = Where you are signed in
sign-out-everywhere = Sign out everywhere
browser = Browser
browser-unknown = Unknown
signed-in = Signed in
this-one = this one
said-saved = Saved.
said-password-changed = Your password is changed. Other sessions have ended.
shortcuts-everywhere = Everywhere
shortcuts-pages = On pages that have it
shortcut-next = Next row
shortcut-previous = Previous row
help-more = More
help-api = Everything the console does, programs can do too: the API

## Settings
settings-sub = What the operator configured, and where. Values are changed there, not here.
settings-general = General
settings-safety = Safety
setting = Setting
value = Value
where-set = Where it is set
not-set = Not set
setting-version = Version
setting-public-url = Public address
setting-deployments = Deployments of the file
setting-aliases = Aliases
setting-strategy = Routing strategy
setting-weak = Set, but short or published: it passes on this machine only
setting-strong = Set
setting-anchors = File of audit anchors
setting-template = Template for new keys
setting-yes = Set

## Welcome
welcome-title = Get started
welcome-hello = Welcome, { $name }. Three steps to the first request.
welcome-sub = About two minutes.
welcome-skip = Skip it
welcome-steps = Steps
welcome-model = Add a model
welcome-model-text = { $count ->
    [0] Write one into the configuration file, under model_list.
    [one] 1 deployment is ready.
   *[other] { $shown } deployments are ready.
  }
welcome-key = Create a key
welcome-key-none = Each app and each person gets its own.
welcome-key-text = { $name } is there.
welcome-request = Send a request
welcome-request-text = Paste this into a terminal, with your key in place of $HEADGATE_KEY.
welcome-request-done = The latest was answered with { $status } in { $time }.
welcome-request-open = Look at it
welcome-then = Then, when you are ready
welcome-team = Make a team
welcome-team-text = People and keys that pay together
welcome-budget = Set a budget
welcome-budget-text = Know the day on which the money runs out
welcome-api = Read the API
welcome-api-text = Everything here can be done by programs

## Times
date = { $day } { $month } { $year }
date-day = { $day } { $month }
date-time = { $date }, { $time }
date-weekday = { $weekday } { $date }
month-1 = Jan
month-2 = Feb
month-3 = Mar
month-4 = Apr
month-5 = May
month-6 = Jun
month-7 = Jul
month-8 = Aug
month-9 = Sep
month-10 = Oct
month-11 = Nov
month-12 = Dec
month-long-1 = January
month-long-2 = February
month-long-3 = March
month-long-4 = April
month-long-5 = May
month-long-6 = June
month-long-7 = July
month-long-8 = August
month-long-9 = September
month-long-10 = October
month-long-11 = November
month-long-12 = December
weekday-1 = Mon
weekday-2 = Tue
weekday-3 = Wed
weekday-4 = Thu
weekday-5 = Fri
weekday-6 = Sat
weekday-7 = Sun

# Signing in at an identity provider
sign-in-with = Continue with { $provider }
sign-in-or = Or with your email address and password
sign-in-code = Code:

# Invitations
invite-title = Invitations
invite-sub = People come in by a link that is good once, for seven days.
invite-person = Invite a person
invite-place = Where
invite-do = Invite
invite-open = Open invitations
invite-until = Good until
invite-revoke = Take back
invite-none = No open invitations
invite-none-text = Invite somebody by their email address; the link appears here until it is used.
invite-link = The link
invite-mailed = The link was mailed to
invite-not-mailed = Give the link to the person yourself. It was not mailed:
invite-copy = Copy link
invite-once = Copy it now: only a hash is kept, so it cannot be shown again.
invite-password = Link for a new password
invite-password-hint = Their email address or id. The link is good once, for a day; when it is used, all their sessions end.
invite-password-do = Make link
accept-title = Join Headgate
accept-for = This link is for
accept-known = There is an account with this address. Sign in to it first; then this gives you the role.
accept-provider = People sign in at the identity provider here. Sign in with this address, and the role is yours.
accept-do = Join
said-revoked = The invitation was taken back.

# Preferences
density = Density
density-compact = Compact
density-comfortable = Comfortable
own-zone = Time zone of single times
own-zone-none = The organization’s
own-zone-hint = Such as Europe/Berlin. Days, months and budgets stay on the organization’s clock.
