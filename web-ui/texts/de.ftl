# Die Konsole auf Deutsch. Die Reihenfolge ist die von en.ftl.
# Anrede: keine, wo Infinitiv oder Sachform genügt; sonst „Sie“. Beträge und Zahlen kommen fertig an.

## Überall
skip = Zum Inhalt springen
menu = Menü
breadcrumb = Pfad
close = Schließen
cancel = Abbrechen
save = Änderungen speichern
copy = Kopieren
account = Konto
help = Tastatur und Hilfe
sign-out = Abmelden
theme-switch = Farbschema wechseln
shortcuts = Tastenkürzel
search-button = Schlüssel, Teams, Anfragen finden …
key-control = Strg
request-id = Anfrage-ID
copy-request-id = Anfrage-ID kopieren
email = E-Mail-Adresse
password = Passwort
your-name = Name
time-now = gerade eben
time-ago-s = { $count ->
    [one] vor { $count } Sekunde
   *[other] vor { $count } Sekunden
  }
time-ago-min = { $count ->
    [one] vor { $count } Minute
   *[other] vor { $count } Minuten
  }
time-ago-h = { $count ->
    [one] vor { $count } Stunde
   *[other] vor { $count } Stunden
  }
time-ago-d = { $count ->
    [one] gestern
   *[other] vor { $count } Tagen
  }
time-in-s = { $count ->
    [one] in { $count } Sekunde
   *[other] in { $count } Sekunden
  }
time-in-min = { $count ->
    [one] in { $count } Minute
   *[other] in { $count } Minuten
  }
time-in-h = { $count ->
    [one] in { $count } Stunde
   *[other] in { $count } Stunden
  }
time-in-d = { $count ->
    [one] morgen
   *[other] in { $count } Tagen
  }
js-theme = Farbschema
js-copied = Kopiert
js-selected = ausgewählt
js-live-on = Live-Aktualisierung läuft
js-live-paused = Live-Aktualisierung angehalten
live-on = Live
live-paused = Angehalten
live-lost = Nicht live
live-held = Neue warten
live-toggle = Live-Anfragen anhalten oder fortsetzen
live-full = Im Moment sind zu viele Seiten live. Diese neu laden, um Neues zu sehen.
live-elsewhere = Eine neuere Seite dieses Kontos ist live. Diese neu laden, um hier wieder zu folgen.
live-session-over = Die Sitzung ist beendet. Neu anmelden, um Neues zu sehen.
live-not-permitted = Diese Anfragen sind nicht mehr freigegeben.
live-more = { $count ->
    [one] Eine weitere Anfrage.
   *[other] { $shown } weitere Anfragen.
  }
live-reload = Liste neu laden
first-request = Erste Anfrage:
first-request-text = in { $time }, { $cost }.
first-request-open = Ansehen
first-request-waiting = Warten auf die erste Anfrage …
first-request-how = Das Beispiel oben ausführen. Die Anfrage erscheint hier innerhalb einer Sekunde.

## Navigation
nav-primary = Hauptbereich
nav-main = Hauptnavigation
nav-home = Headgate, Startseite
nav-go-to = Zu { $page }
nav-access = Zugang
nav-gateway = Gateway
nav-govern = Kontrolle
nav-overview = Übersicht
nav-requests = Anfragen
nav-usage = Nutzung & Ausgaben
nav-keys = Schlüssel
nav-teams = Teams
nav-people = Personen
nav-organizations = Organisationen
nav-models = Modelle
nav-budgets = Budgets & Limits
nav-audit = Audit-Protokoll
nav-settings = Einstellungen
scope-all = Alle Organisationen
scope-organization = Organisation
scope-platform = Die ganze Plattform
role-platform-admin = Plattform-Administration
role-platform-auditor = Plattform-Revision
role-organization-admin = Organisations-Administration
role-team-admin = Teamleitung
role-member = Mitglied
role-viewer = Lesezugriff
role-none = Keine Rolle
person-operator = Betreiber

## Palette und Tastenkürzel
palette = Befehlspalette
palette-label = Schlüssel, Teams, Anfragen und Aktionen suchen
palette-hint = Schlüssel, Teams, Anfrage-IDs suchen oder eine Aktion eingeben …
palette-results = Ergebnisse
palette-actions = Aktionen
palette-go = Gehe zu
palette-found = Gefunden
palette-none = Kein Treffer. Eine vollständige Anfrage-ID wird über den ganzen Zeitraum gesucht.
shortcuts-intro = Auf jeder Seite mit ? zu öffnen. Einzeltasten lassen sich im Konto abschalten.
shortcut-search = Suchen oder springen
shortcut-rows = Nächste / vorige Zeile
shortcut-select = Zeile auswählen
shortcut-open = Zeile öffnen
shortcut-close = Dialog oder Seitenbereich schließen
shortcut-help = Diese Hilfe

## Anmeldung und erster Start
sign-in-title = Anmelden
sign-in-to = Bei Headgate anmelden
sign-in-at = Das KI-Gateway unter
sign-in = Anmelden
sign-in-operator = Anmeldung für den Betreiber
sign-in-with-key = Mit dem Master-Schlüssel anmelden
master-key = Master-Schlüssel
master-key-hint = Der Schlüssel, mit dem das Gateway gestartet wurde. Virtuelle Schlüssel gelten hier nicht.
sign-in-first = Erster Start?
sign-in-setup = Erstes Administrationskonto anlegen
sign-in-no-keys = Kein Konto? Die Administration der Organisation legt eines an. API-Schlüssel gelten hier nicht.
sign-in-insecure = Unter dieser Adresse hält der Browser die Anmeldung nicht.
sign-in-insecure-why = Diese Seite kam über unverschlüsseltes http von einem anderen Rechner, das Sitzungs-Cookie reist aber nur über https. Abhilfe: https vor das Gateway setzen und dessen Adresse in der Konfiguration eintragen:
sign-in-need = Anmeldung mit E-Mail-Adresse und Passwort oder mit dem Master-Schlüssel.
about = Über Headgate
about-quote = Ein Tor für alle Modelle. Sichtbar ist, was fließt, für wen, und was es kostet.
about-text = Schlüssel, Budgets, Fallbacks und ein lückenloses Audit-Protokoll für den gesamten KI-Verkehr.
setup-title = Erstes Administrationskonto anlegen
setup-intro = Dieses Konto darf alles. Für die tägliche Arbeit besser Konten mit weniger Rechten anlegen.
setup-token = Einrichtungs-Token
setup-token-hint = Das Gateway hat es beim Start ausgegeben. Es gilt 30 Minuten lang und einmal.
setup-do = Konto anlegen
setup-done = Ein Administrationskonto gibt es schon. Dort ein Konto erfragen oder anmelden.
password-hint = Mindestens 12 Zeichen. Ein Satz merkt sich leichter als ein Rätsel.
said-administrator = Das Konto ist angelegt. Jetzt damit anmelden.
said-signed-out = Die Abmeldung ist erfolgt.

## Wenn sich eine Seite nicht zeigen lässt
error-home = Zur Übersicht
error-retry = Erneut versuchen
error-403 = Diese Seite ist nicht freigegeben
error-403-hint = Was erlaubt ist, bestimmen die Rollen. Die Administration der Organisation kann eine andere vergeben.
error-404 = Hier ist nichts
error-404-hint = Vielleicht wurde es gelöscht, oder es gehört jemand anderem. Die Adresse prüfen.
error-conflict = Jemand war schneller
error-conflict-hint = Die Seite neu laden und ansehen, was jetzt gilt.
error-form = Das geht so nicht
error-form-hint = Zurückgehen, das Genannte ändern und erneut versuchen.
error-many = Zu viele Versuche
error-many-hint = Die genannte Zeit abwarten, dann erneut versuchen.
error-503 = Die Datenbank antwortet nicht
error-503-hint = Die Anfragen der Anwendungen laufen weiter. Diese Seite kommt zurück, sobald die Datenbank antwortet.
error-500 = Etwas ist schiefgegangen
error-500-hint = Die Ursache steht im Log des Betreibers, unter der Anfrage-ID unten.
error-cross-site = Das kam nicht von der Konsole
error-cross-site-hint = Zurückgehen, die Seite neu laden und den Schritt wiederholen.

## Zahlen und Diagramme
pager-of = { $shown } von { $total }
pager-shown = { $shown } angezeigt
pages = Seiten
page-first = Neueste
page-next = Ältere
hint-move = bewegen
hint-open = öffnen
chart-table = Als Tabelle ansehen
chart-data = { $what }, Daten
chart-total = Summe
chart-daily = { $what }: { $total } in 30 Tagen. Mit den Pfeiltasten lässt sich jeder Tag lesen.
date-head = Datum
measure = Messgröße
measure-spend = Ausgaben
measure-requests = Anfragen
measure-tokens = Tokens
without = Ohne
others = Übrige
budget-pace = Tagesmaß des Budgets
window-month = Monat
window-week = Woche
window-day = Tag
window-hour = Stunde
window-none = gesamte Zeit
budget-every = Pro { $window }
budget-life = Insgesamt
budget-of-model = { $budget }, { $model }
budget-used = { $share } des Budgets verbraucht
budget-used-gone = { $share } des Budgets verbraucht, { $gone } der Zeit vergangen
budget-out = Verbraucht: Anfragen werden abgelehnt
budget-passed = Überschritten; nichts wird abgelehnt
budget-runs-out = Reicht bis { $day }
budget-resets = Beginnt neu am { $day }
budget-no-reset = Beginnt nie neu
of-limit = von { $limit }
of-limit-window = von { $limit } / { $window }
left-of = { $left } von { $limit }

## Wörter vieler Seiten
key = Schlüssel
team = Team
status = Status
environment = Umgebung
name = Name
model = Modell
models = Modelle
budget = Budget
budgets = Budgets
every = Zeitraum
expires = Ablauf
never = Nie
tags = Schlagwörter
time = Zeit
tokens = Tokens
latency = Latenz
cost = Kosten
level = Ebene
details = Details
created = Angelegt
filter = Filtern
clear-filters = Filter aufheben
filter-list = Diese Liste filtern
no-limit = Kein Limit
rpm = Anfragen / Min.
tpm = Tokens / Min.
parallel = Gleichzeitig
addresses = Erlaubte Adressen
addresses-hint = Adressen oder Netze, durch Kommas getrennt. Leer: von überall.
anywhere = Überall
done = Fertig
edit = Bearbeiten
last-used = Zuletzt benutzt
days-30 = 30 Tage
request-or-key = Schlüssel oder Anfrage
service-account = Dienstkonto
nobodys = der Organisation
models-all = Alle
models-some = { $count ->
    [one] 1 Modell
   *[other] { $shown } Modelle
  }
environment-production = Produktion
environment-staging = Staging
environment-development = Entwicklung
environment-none = Keine
state-active = Aktiv
state-blocked = Gesperrt
state-expired = Abgelaufen
state-over = Budget erreicht
state-ending = Läuft bald ab
level-organization = Organisation
level-team = Team
level-project = Projekt
level-user = Person
level-member = Mitglied
level-key = Schlüssel
level-end-user = Endnutzer
level-tag = Schlagwort
form-fix = Eines ist zu ändern:

## Schlüssel
keys-sub = Virtuelle Schlüssel für Personen, Dienste und CI.
keys-create = Schlüssel anlegen
keys-create-first = Ersten Schlüssel anlegen
keys-create-sub = Für jedes SDK von OpenAI oder Anthropic.
keys-none = Noch keine Schlüssel
keys-none-text = Mit einem Schlüssel ruft eine Anwendung oder eine Person die Modelle über Headgate auf. Am besten bekommt jede ihren eigenen: So ist sichtbar, was jede kostet, und eine lässt sich anhalten, ohne die anderen zu berühren.
keys-ask = Die Teamleitung oder die Administration der Organisation kann einen anlegen.
keys-views = Gespeicherte Ansichten
keys-view-all = Alle
keys-view-mine = Eigene
keys-view-ending = Laufen in 7 Tagen ab
keys-view-unused = 30 Tage unbenutzt
keys-view-blocked = Gesperrt
keys-view-services = Dienstkonten
keys-filter = Schlüssel filtern
keys-filter-hint = Name, ID oder die letzten vier Zeichen
keys-any-team = Jedes Team
keys-any-status = Jeder Status
keys-any-environment = Jede Umgebung
keys-table = Tabelle der Schlüssel
keys-team-owner = Team und Inhaber
keys-spend = Ausgaben im Zeitraum
keys-no-budget = Kein eigenes Budget, höhere Limits gelten
keys-no-team = Kein Team
keys-without-team = Kein Team
keys-trend = Ausgaben von { $name } in 30 Tagen
keys-none-match = Kein passender Schlüssel
keys-none-found = Kein Schlüssel passt zu „{ $q }“
keys-none-found-text = Die Schreibweise prüfen oder einen Filter aufheben.
keys-found = { $count ->
    [one] 1 Schlüssel
   *[other] { $shown } Schlüssel
  }
keys-name-hint = Sagt, wo der Schlüssel läuft. Nach diesem Namen wird gesucht, wenn nachts etwas ausfällt.
keys-belongs = Inhaber
keys-belongs-hint = Der Schlüssel eines Dienstes bleibt, wenn Personen gehen. Er braucht ein Team.
keys-team-hint = Das Team zahlt, und seine Limits gelten ebenfalls.
keys-models-hint = Ohne Auswahl gelten alle Modelle, die die Ebenen darüber erlauben.
keys-more = Ratenlimits, Umgebung, Schlagwörter, Adressen
owner-service = Dienst
owner-me = Ich
ends-30 = In 30 Tagen
ends-90 = In 90 Tagen
ends-365 = In einem Jahr
ends-same = Wie bisher ({ $end })
secret-ready = { $name } ist bereit.
secret-copy-now = Den Schlüssel jetzt kopieren: Gespeichert wird nur ein Hash, er lässt sich nicht noch einmal zeigen.
secret-copy = Schlüssel kopieren
secret-copied = Schlüssel kopiert
secret-lost = Später verloren? Rotieren ergibt einen neuen.
secret-go = Zum Schlüssel
snippet = Codebeispiel
snippet-copied = Beispiel kopiert
key-created = Schlüssel angelegt
key-rotated = Schlüssel rotiert
key-rotate = Schlüssel rotieren
key-block = Schlüssel sperren
key-unblock = Schlüssel entsperren
key-edit = Schlüssel bearbeiten
key-delete = Schlüssel löschen
rotate = Rotieren
block = Sperren
unblock = Entsperren
key-usage = Nutzung
key-chart = Tägliche Nutzung von { $name } nach Modell
key-applies = Was für diesen Schlüssel gilt
key-applies-sub = Jede Ebene wird geprüft, das engste Limit entscheidet. Es ist markiert.
key-effective = Geltende Limits
budget-left = Restbudget
tightest = engstes
latest-requests = Neueste Anfragen
key-all-requests = Alle Anfragen dieses Schlüssels
requests-none-yet = Noch keine Anfragen
key-unused-text = Das Beispiel daneben sendet die erste.
key-use = Diesen Schlüssel benutzen
key-use-text = Der Schlüssel selbst wurde einmal gezeigt. Verloren? Rotieren ergibt einen neuen; der alte kann bis zu 7 Tage weiter gelten.
key-id = Schlüssel-ID
copy-key-id = Schlüssel-ID kopieren
key-runs-out = Dieser Schlüssel erreicht sein Budget am { $day }.
key-ran-out = Dieser Schlüssel hat sein Budget verbraucht.
key-note-then = Anfragen bekommen dann
raise-budget = Budget erhöhen
created-by = { $day } von { $name }
rotated = Rotiert
rotated-until = Das Geheimnis { $mask } gilt bis { $until }
block-title = { $name } sperren?
block-then = Ab sofort bekommen seine Anfragen 401 (blocked_key). Entsperren geht jederzeit.
block-keep = Aktiv lassen
busy = { $count ->
    [one] Einmal benutzt, { $ago }.
   *[other] { $shown } Mal benutzt, zuletzt { $ago }.
  }
busy-never = Er wurde nie benutzt.
rotate-title = { $name } rotieren
rotate-text = Das Geheimnis wird neu. Budgets, Limits und Verlauf bleiben.
rotate-grace = Der alte Schlüssel gilt noch
grace-0 = 0
grace-0-note = Endet sofort
grace-24 = 24 Stunden
grace-24-note = Empfohlen
grace-7 = 7 Tage
grace-7-note = Langsame Umstellung
delete-title = { $name } löschen?
delete-then = Ab sofort bekommen seine Anfragen 401. Verlauf und Ausgaben bleiben, der Schlüssel kommt nicht zurück. Um ihn eine Weile anzuhalten: sperren.
delete-keep = Schlüssel behalten
said-key-blocked = Der Schlüssel ist gesperrt. Seine Anfragen werden ab sofort abgelehnt.
said-key-unblocked = Der Schlüssel gilt wieder.
said-key-deleted = Der Schlüssel ist gelöscht.
said-key-saved = Der Schlüssel ist geändert.

## Übersicht
range = Zeitraum
range-24h = 24 Std.
range-7d = 7 Tage
range-30d = 30 Tage
range-mtd = Dieser Monat
key-figures = Kennzahlen
overview-sub = { $scope } · Zeiten in { $zone } · Stand { $time }
overview-new = Noch ist keine Anfrage durchgekommen.
overview-new-text = Drei Schritte führen zur ersten.
welcome-open = Loslegen
overview-chart-sub = Täglich, letzte 30 Tage · der heutige Tag ist heller
chart-spend-by = Ausgaben nach { $group }
group-by = Gruppieren nach
group-team = Team
group-model = Modell
group-key = Schlüssel
tile-today = Ausgaben heute
tile-today-note = ggü. gestern, { $time }
tile-month = Ausgaben im Monat
tile-month-note = { $share } · Prognose { $forecast }
tile-month-set = Budget festlegen
tile-requests = Anfragen
tile-previous = ggü. dem Zeitraum davor
tile-errors = Fehlerquote
tile-errors-note = meist { $status }
tile-errors-none = keine Anfrage scheiterte
tile-latency = Latenz, Mittel
tile-latency-note = erstes bis letztes Byte
tile-tokens = Tokens ein · aus
tile-tokens-note = { $share } der Eingabe aus Cache
budgets-at-risk = Gefährdete Budgets
budgets-all = Alle Budgets
budgets-none-at-risk = Alles reicht
budgets-none-at-risk-text = Beim jetzigen Tempo ist kein Budget verbraucht, bevor es neu beginnt.
forecast-how = Prognose aus den letzten 7 Tagen; bei Budgets von höchstens einem Tag aus dem letzten Tag.
requests-all = Alle Anfragen
requests-none-yet-text = Sie erscheinen hier, sobald sie beantwortet sind.
top-models = Teuerste Modelle
top-models-sub = nach Ausgaben
models-every = Alle Modelle
no-data-range = Nichts in diesem Zeitraum.
errors = Fehler
requests-count = { $count ->
    [one] 1 Anfrage
   *[other] { $shown } Anfragen
  }
share-of-all = { $share } der Gesamtsumme
share-of-top = { $share } des teuersten

## Anfragen
requests-sub = Inhalte werden nicht gespeichert · Zeiten in { $zone }
requests-hint = Anfrage-ID oder status:429 team:risk model:claude cost:>0.1
requests-filter = Anfragen filtern
requests-table = Tabelle der Anfragen
requests-none = Keine Anfrage in diesem Zeitraum
requests-none-text = Einen Filter aufheben oder einen längeren Zeitraum ansehen.
requests-widen = 30 Tage ansehen
requests-unread = Nicht verstanden: { $words }. Möglich ist name:wert mit einem von status, team, key, user, model, provider, deployment, environment, tag, end_user, code, call, cost:>0.1, oder eine Anfrage-ID.
requests-totals = { $count } Anfragen · { $spend } · { $share } Fehler
requests-outcomes = Anfragen nach Ergebnis
requests-over-time = Anfragen nach Ergebnis im Zeitverlauf: { $total }. Mit den Pfeiltasten lässt sich jede Säule lesen.
range-1h = 1 Std.
outcome-ok = In Ordnung
outcome-limited = Begrenzt (429)
outcome-refused = Abgelehnt (4xx)
outcome-failed = Fehler (5xx)
export-csv = CSV exportieren
clear-all = Alle aufheben
chip-remove = Filter aufheben: { $name }
key-and-team = Schlüssel und Team
tokens-in = Tokens ein
tokens-out = Aus
first-token = Erstes Token
total = Gesamt
note = Hinweis
open-request = Anfrage von { $key } um { $time } öffnen
fallbacks = Fallback ×{ $count }
attempts-many = { $count } Versuche
stream = Stream
similar-requests = Ähnliche Anfragen
time-went = Wohin die Zeit ging
time-went-label = Wohin die Zeit ging: { $parts }
in-total = gesamt
part-gateway = Gateway
part-failed = Versuch { $number }, gescheitert
part-first = Bis zum ersten Token
part-rest = Antwort
attempts = Versuche
attempts-none = Beantwortet, ohne einen Anbieter zu fragen.
count = Anzahl
cost-estimated = Der Anbieter hat nicht gesagt, wie viele Tokens er gezählt hat; Headgate hat selbst gezählt.
who = Wer
person = Person
project = Projekt
end-user = Endnutzer
call-id = ID des Aufrufers
provider = Anbieter
tokens-input = Eingabe
tokens-cache-read = Eingabe, aus dem Prompt-Cache
tokens-cache-write = Eingabe, in den Prompt-Cache geschrieben
tokens-audio-in = Eingabe, Audio
tokens-image-in = Eingabe, Bilder
tokens-output = Ausgabe
tokens-reasoning = Ausgabe, Reasoning
tokens-audio-out = Ausgabe, Audio
bodies-not-stored = Inhalte werden nicht gespeichert.
bodies-not-stored-text = Headgate behält, was gezählt wurde, nicht, was gesagt wurde.

## Teams
teams-sub = Personen und Schlüssel, die gemeinsam zahlen.
teams-none = Noch keine Teams
teams-none-text = Ein Team hat ein eigenes Budget, eigene Mitglieder und Schlüssel. Am besten eines je Produkt oder Abteilung anlegen.
teams-none-match = Kein passendes Team
teams-filter = Teams filtern
team-create = Team anlegen
team-edit = Team bearbeiten
name-or-id = Name oder ID
runs-out = Reichweite
members = Mitglieder
member = Mitglied
role = Rolle
limits = Limits
money-goes = Wohin das Geld fließt
members-none = In diesem Team ist noch niemand
members-none-text = Seine Schlüssel gelten trotzdem. Personen fügt die Administration hinzu.
team-sub = { $count ->
    [one] 1 Mitglied
   *[other] { $shown } Mitglieder
  }
team-led-by = { $members } · Leitung: { $name }
burn-title = Ausgaben im { $month }
burn-sub = Bisher ausgegeben, und wohin es führt
burn-spent = Ausgegeben
burn-left = Rest von { $limit }
burn-forecast = Prognose, { $day }
burn-pace = Tempo pro Tag
burn-line-forecast = Prognose
burn-line-pace = Gleichmäßig
burn-budget = Budget { $limit }
burn-caption = Ausgaben von { $name } in diesem Monat
burn-summary = { $name } hat in diesem Monat { $spent } ausgegeben. Mit den Pfeiltasten lässt sich jeder Tag lesen.
per-member = Je Mitglied
said-team-made = Das Team ist angelegt.
said-team-saved = Das Team ist geändert.

## Audit-Protokoll
audit-sub = Jede Änderung: durch wen, von wo. Die Einträge sind verkettet, keiner lässt sich unbemerkt ändern oder entfernen.
audit-verify = Kette prüfen
audit-whole = Alles ist, wie es geschrieben wurde: { $shown } Einträge gelesen.
audit-broken = Das Protokoll wurde verändert: { $shown } Einträge gelesen.
audit-anchor-line = Zeile { $line } der Ankerdatei ist nicht lesbar.
audit-events = Ereignisse des Protokolls
audit-who = Akteur
audit-who-hint = Akteur: user_…, master_key
audit-object = Objekt
audit-object-hint = Objekt: key_…, team_…
audit-kind = Art des Objekts
audit-any = Alles
audit-none = In diesem Zeitraum ist nichts geschehen
audit-none-text = Einen Filter aufheben oder einen längeren Zeitraum ansehen.
range-90d = 90 Tage
range-all = Alles
actor = Akteur
actor-system = Headgate
actor-command-line = Kommandozeile
actor-anonymous = Unbekannt
what-happened = Was geschah
before-after = Vorher → nachher
from = Von
deployment = Deployment
deployments = Deployments
session = Sitzung
template = Vorlage
via-console = Konsole
via-key = API-Schlüssel
via-master-key = Master-Schlüssel
via-command-line = Kommandozeile
via-system = Von selbst
via-nobody = Nicht angemeldet

## Budgets
budgets-sub = Alle Budgets aller Ebenen; oben steht, was zuerst verbraucht ist.
budgets-every = Alle
budgets-none = Noch kein Budget
budgets-none-text = Ein Budget hält Ausgaben an, bevor sie wehtun. Es gehört an ein Team oder einen Schlüssel: Ist es verbraucht, werden Anfragen abgelehnt, bis es neu beginnt.
budgets-first = Das erste für ein Team festlegen
budget-whose = Wessen
budget-counts = Zählt
projects = Projekte
end-users = Endnutzer
mode-enforce = Am Limit werden Anfragen abgelehnt
mode-shadow = Nur Anzeige, nichts wird abgelehnt
mode-soft = Meldet am Limit, lehnt nichts ab

## Nutzung
usage-sub = { $from } bis { $to } · Zeiten in { $zone }
usage-table = Nutzung nach Gruppe
chart-measure-by = { $measure } nach { $group }
share = Anteil
change = Veränderung
tag = Schlagwort

## Modelle
models-sub = { $names } Modellnamen, { $deployments } Deployments · Zahlen der letzten 24 Stunden
models-check = Alle jetzt prüfen
models-filter = Deployments filtern
models-none = Kein passendes Modell
models-none-text = Modelle stehen in der Konfigurationsdatei (model_list) oder kommen mit POST /api/v1/deployments hinzu.
requests-24h = Anfragen, 24 Std.
written-in = Steht in
origin-file = Konfigurationsdatei
origin-store = Datenbank
actions = Aktionen
test = Testen
test-one = { $name } testen
state-unusable = Nicht nutzbar
state-answers = Antwortet
state-silent = Antwortet nicht
state-degraded = Beeinträchtigt

## Personen und Organisationen
people-sub = Wer sich anmelden darf, als was, und was die Schlüssel ausgeben.
people-hint = Name, E-Mail-Adresse oder ID
people-filter = Personen filtern
people-none = Niemand passt
people-none-text = Die Schreibweise prüfen. Konten entstehen mit POST /api/v1/users.
roles = Rollen
role-in = { $role }, { $place }
organizations-sub = Mandanten dieses Gateways; keiner sieht den anderen.
organizations-none = Keine Organisation
time-zone = Zeitzone

## Konto
preferences = Einstellungen dieses Browsers
language = Sprache
language-browser = Wie der Browser
theme-system = Wie das System
theme-light = Hell
theme-dark = Dunkel
shortcuts-on = An
shortcuts-off = Aus, nur Strg K bleibt
password-change = Passwort ändern
password-now = Bisheriges Passwort
password-new = Neues Passwort
password-ends = Alle anderen Sitzungen dieses Kontos enden.
sessions = Angemeldete Browser
sign-out-everywhere = Überall abmelden
browser = Browser
browser-unknown = Unbekannt
signed-in = Angemeldet
this-one = dieser
said-saved = Gespeichert.
said-password-changed = Das Passwort ist geändert. Andere Sitzungen sind beendet.
shortcuts-everywhere = Überall
shortcuts-pages = Auf Seiten, die es haben
shortcut-next = Nächste Zeile
shortcut-previous = Vorige Zeile
help-more = Mehr
help-api = Alles, was die Konsole kann, können auch Programme: die API

## Einstellungen
settings-sub = Was der Betreiber konfiguriert hat, und wo. Geändert wird es dort, nicht hier.
settings-general = Allgemein
settings-safety = Sicherheit
setting = Einstellung
value = Wert
where-set = Wo festgelegt
not-set = Nicht gesetzt
setting-version = Version
setting-public-url = Öffentliche Adresse
setting-deployments = Deployments der Datei
setting-aliases = Aliasse
setting-strategy = Routing-Strategie
setting-weak = Gesetzt, aber kurz oder veröffentlicht: gilt nur auf diesem Rechner
setting-strong = Gesetzt
setting-anchors = Datei der Audit-Anker
setting-template = Vorlage für neue Schlüssel
setting-yes = Gesetzt

## Willkommen
welcome-title = Loslegen
welcome-hello = Willkommen, { $name }. Drei Schritte bis zur ersten Anfrage.
welcome-sub = Etwa zwei Minuten.
welcome-skip = Überspringen
welcome-steps = Schritte
welcome-model = Modell hinzufügen
welcome-model-text = { $count ->
    [0] Es gehört in die Konfigurationsdatei, unter model_list.
    [one] 1 Deployment ist bereit.
   *[other] { $shown } Deployments sind bereit.
  }
welcome-key = Schlüssel anlegen
welcome-key-none = Jede Anwendung und jede Person bekommt einen eigenen.
welcome-key-text = { $name } ist da.
welcome-request = Anfrage senden
welcome-request-text = In ein Terminal einfügen, mit dem eigenen Schlüssel an der Stelle von $HEADGATE_KEY.
welcome-request-done = Die neueste wurde in { $time } mit { $status } beantwortet.
welcome-request-open = Ansehen
welcome-then = Danach, wenn es passt
welcome-team = Team anlegen
welcome-team-text = Personen und Schlüssel, die gemeinsam zahlen
welcome-budget = Budget festlegen
welcome-budget-text = Den Tag kennen, an dem das Geld ausgeht
welcome-api = Die API lesen
welcome-api-text = Alles hier können auch Programme

## Zeiten
date = { $day }. { $month } { $year }
date-day = { $day }. { $month }
date-time = { $date }, { $time }
date-weekday = { $weekday }, { $date }
month-1 = Jan.
month-2 = Feb.
month-3 = März
month-4 = Apr.
month-5 = Mai
month-6 = Juni
month-7 = Juli
month-8 = Aug.
month-9 = Sept.
month-10 = Okt.
month-11 = Nov.
month-12 = Dez.
month-long-1 = Januar
month-long-2 = Februar
month-long-3 = März
month-long-4 = April
month-long-5 = Mai
month-long-6 = Juni
month-long-7 = Juli
month-long-8 = August
month-long-9 = September
month-long-10 = Oktober
month-long-11 = November
month-long-12 = Dezember
weekday-1 = Mo.
weekday-2 = Di.
weekday-3 = Mi.
weekday-4 = Do.
weekday-5 = Fr.
weekday-6 = Sa.
weekday-7 = So.
sign-in-with = Weiter mit { $provider }
sign-in-or = Oder mit E-Mail-Adresse und Passwort
sign-in-code = Code:
invite-title = Einladungen
invite-sub = Personen kommen über einen Link herein, der einmal gilt, sieben Tage lang.
invite-person = Person einladen
invite-place = Wohin
invite-do = Einladen
invite-open = Offene Einladungen
invite-until = Gilt bis
invite-revoke = Zurückziehen
invite-none = Keine offenen Einladungen
invite-none-text = Eingeladen wird über die E-Mail-Adresse; der Link steht hier, bis er benutzt ist.
invite-link = Der Link
invite-mailed = Der Link wurde gesendet an
invite-not-mailed = Der Link muss selbst übergeben werden. Er wurde nicht per E-Mail gesendet:
invite-copy = Link kopieren
invite-once = Jetzt kopieren: Gespeichert wird nur ein Hash, er lässt sich nicht noch einmal zeigen.
invite-password = Link für ein neues Passwort
invite-password-hint = E-Mail-Adresse oder ID. Der Link gilt einmal, einen Tag lang; wird er benutzt, enden alle Sitzungen der Person.
invite-password-do = Link erstellen
accept-title = Headgate beitreten
accept-for = Dieser Link gilt für
accept-known = Mit dieser Adresse gibt es schon ein Konto. Erst damit anmelden, dann gibt dieser Link die Rolle.
accept-provider = Hier meldet man sich beim Identitätsanbieter an. Mit dieser Adresse anmelden, und die Rolle ist vergeben.
accept-do = Beitreten
said-revoked = Die Einladung ist zurückgezogen.
density = Dichte
density-compact = Kompakt
density-comfortable = Großzügig
own-zone = Zeitzone einzelner Zeiten
own-zone-none = Die der Organisation
own-zone-hint = Etwa Europe/Berlin. Tage, Monate und Budgets bleiben auf der Uhr der Organisation.
