//! Times as pages show them: on the clock of the organization.

use domain::time::TimestampMs;
use domain::windows::{Local, TimeZone};
use web_ui::words::Words;

/// A zone and a language: everything that a time needs to be told.
#[derive(Clone)]
pub struct Clock {
    /// Whose clock: days and months of every figure are the organization's.
    pub zone: TimeZone,
    /// On which clock single moments are told, where the person chose another.
    pub own: Option<TimeZone>,
    /// In which language.
    pub words: Words,
    /// The moment of this answer.
    pub now: TimestampMs,
}

impl Clock {
    /// The zone in which single moments are told.
    pub fn told_in(&self) -> &TimeZone {
        self.own.as_ref().unwrap_or(&self.zone)
    }

    fn local(&self, at: TimestampMs) -> Local {
        Local::at(at, self.told_in())
    }

    /// `22 Nov 2026, 14:32`
    pub fn exact(&self, at: TimestampMs) -> String {
        let local = self.local(at);
        let time = format!("{:02}:{:02}", local.hour, local.minute);
        let told = [("date", self.date(at).into()), ("time", time.into())];
        self.words.with("date-time", &told)
    }

    /// `22 Nov 2026`
    pub fn date(&self, at: TimestampMs) -> String {
        self.dated(Local::at(at, &self.zone))
    }

    fn dated(&self, local: Local) -> String {
        let told = [
            ("day", u64::from(local.day).into()),
            ("month", self.month(local).into()),
            ("year", local.year.to_string().into()),
        ];
        self.words.with("date", &told)
    }

    /// `22 Nov`
    pub fn day(&self, at: TimestampMs) -> String {
        let local = Local::at(at, &self.zone);
        let told = [
            ("day", u64::from(local.day).into()),
            ("month", self.month(local).into()),
        ];
        self.words.with("date-day", &told)
    }

    /// `Wed 25 Nov`
    pub fn weekday(&self, at: TimestampMs) -> String {
        let local = Local::at(at, &self.zone);
        let name = self.words.t(&format!("weekday-{}", local.weekday));
        let told = [("weekday", name.into()), ("date", self.day(at).into())];
        self.words.with("date-weekday", &told)
    }

    /// `14:32:04.118`
    pub fn precise(&self, at: TimestampMs) -> String {
        let local = self.local(at);
        format!("{}.{:03}", self.time(at), local.millisecond)
    }

    /// `14:32:04`
    pub fn time(&self, at: TimestampMs) -> String {
        let local = self.local(at);
        format!("{:02}:{:02}:{:02}", local.hour, local.minute, local.second)
    }

    /// `14:32`
    pub fn minute(&self, at: TimestampMs) -> String {
        let local = Local::at(at, &self.zone);
        format!("{:02}:{:02}", local.hour, local.minute)
    }

    /// From now.
    pub fn ago(&self, at: TimestampMs) -> web_ui::markup::Markup {
        web_ui::markup::ago(self.words, at, self.now, &self.exact(at))
    }

    fn month(&self, local: Local) -> String {
        self.words.t(&format!("month-{}", local.month))
    }
}
