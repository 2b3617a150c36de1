//! All texts that people read, by id, in their language: the one door to the catalogues in `texts/`.
//!
//! The catalogues are Fluent's. A template says `{{ frame.t("nav-keys") }}`; a sentence with figures
//! in it is made by Rust, `words.with("keys-found", &[("count", count.into())])`. A test finds ids that
//! are in no catalogue, and those that nothing says.

use std::borrow::Cow;
use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

use crate::faults;
pub use crate::language::Language;

/// What stands in a sentence: a text as it is, or a count, which also decides between one and many.
#[derive(Clone, Debug)]
pub enum Told<'a> {
    /// A text.
    Text(Cow<'a, str>),
    /// A count.
    Count(u64),
}

impl<'a> From<&'a str> for Told<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl<'a> From<&'a String> for Told<'a> {
    fn from(text: &'a String) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl From<String> for Told<'_> {
    fn from(text: String) -> Self {
        Self::Text(Cow::Owned(text))
    }
}

impl From<u64> for Told<'_> {
    fn from(count: u64) -> Self {
        Self::Count(count)
    }
}

type Bundle = FluentBundle<FluentResource>;

static ENGLISH: LazyLock<Bundle> = LazyLock::new(|| bundle(Language::English));
static GERMAN: LazyLock<Bundle> = LazyLock::new(|| bundle(Language::German));
static CHINESE: LazyLock<Bundle> = LazyLock::new(|| bundle(Language::SimplifiedChinese));

fn bundle(language: Language) -> Bundle {
    let tag: LanguageIdentifier = language.tag().parse().unwrap_or_default();
    let mut bundle = FluentBundle::new_concurrent(vec![tag]);
    // The marks around what is put in would be copied along with keys and ids.
    bundle.set_use_isolating(false);
    let parsed = FluentResource::try_new(language.source().to_owned());
    let resource = parsed.unwrap_or_else(|(resource, _faults)| resource);
    bundle.add_resource_overriding(resource);
    bundle
}

/// The texts of one language.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Words {
    /// Which.
    pub language: Language,
}

impl Words {
    fn bundle(self) -> &'static Bundle {
        match self.language {
            Language::English => &ENGLISH,
            Language::German => &GERMAN,
            Language::SimplifiedChinese => &CHINESE,
        }
    }

    /// The text with this id.
    #[must_use]
    pub fn t(self, id: &str) -> String {
        self.said(id, None)
    }

    /// The text with this id, with what is told put in.
    #[must_use]
    pub fn with(self, id: &str, told: &[(&str, Told<'_>)]) -> String {
        let mut args = FluentArgs::with_capacity(told.len());
        for (name, value) in told {
            let value = match value {
                Told::Text(text) => FluentValue::from(text.as_ref()),
                Told::Count(count) => FluentValue::from(*count),
            };
            args.set(*name, value);
        }
        self.said(id, Some(&args))
    }

    /// A noun that begins with a capital by itself, within a sentence.
    #[must_use]
    pub fn within(self, noun: &str) -> String {
        match self.language {
            Language::English => noun.to_lowercase(),
            Language::German | Language::SimplifiedChinese => noun.to_owned(),
        }
    }

    /// What an action refuses with, in this language: actions speak English, as the API does. A sentence
    /// that the catalogues do not have stays as it is.
    #[must_use]
    pub fn fault(self, sentence: &str) -> String {
        let known = match self.language {
            Language::English => None,
            Language::German | Language::SimplifiedChinese => faults::known(sentence),
        };
        let Some((id, values)) = known else {
            return sentence.to_owned();
        };
        let told: Vec<(&str, Told<'_>)> = values
            .into_iter()
            .map(|(name, value)| (name, Told::from(self.value(name, value))))
            .collect();
        self.with(id, &told)
    }

    /// A value of a sentence of actions, where it is a word or a sentence itself.
    fn value(self, name: &str, value: &str) -> String {
        let id = match name {
            "why" => return self.fault(value),
            "level" => format!("level-{}", value.replace(' ', "-")),
            "who" => format!("blocked-by-{}", value.replace(' ', "-")),
            _ => return value.to_owned(),
        };
        match self.has(&id) {
            true => self.t(&id),
            false => value.to_owned(),
        }
    }

    /// Whether there is a text with this id.
    #[must_use]
    pub fn has(self, id: &str) -> bool {
        self.bundle().has_message(id)
    }

    /// An id that is in no catalogue is shown itself; the test of the catalogues finds it.
    fn said(self, id: &str, args: Option<&FluentArgs<'_>>) -> String {
        let bundle = self.bundle();
        let pattern = bundle.get_message(id).and_then(|message| message.value());
        let Some(pattern) = pattern else {
            return id.to_owned();
        };
        let mut faults = Vec::new();
        bundle
            .format_pattern(pattern, args, &mut faults)
            .into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_decides_between_one_and_many() {
        let words = Words::default();
        let keys = |count: u64| {
            words.with(
                "keys-found",
                &[("count", count.into()), ("shown", count.to_string().into())],
            )
        };
        assert_eq!(keys(1), "1 key");
        assert_eq!(keys(3), "3 keys");
    }

    #[test]
    fn what_is_refused_is_told_in_the_readers_language_where_it_is_known() {
        let german = Words {
            language: Language::German,
        };
        let sentence = Words::default().t("fault-tick");
        assert_eq!(Words::default().fault(&sentence), sentence);
        assert_eq!(german.fault(&sentence), german.t("fault-tick"));
        assert_ne!(german.t("fault-tick"), sentence);
        assert_eq!(german.fault("`x` is no amount."), "`x` is no amount.");
        let above = "A budget of 12.50 dollars is above the organization's 10.";
        assert_eq!(
            german.fault(above),
            "Ein Budget von 12.50 Dollar liegt über dem von „Organisation“: 10."
        );
        let handed = format!("The key key_1 cannot be handed over: {above}");
        let told = german.fault(&handed);
        assert!(
            told.contains("key_1") && told.ends_with("„Organisation“: 10."),
            "{told}"
        );
    }

    #[test]
    fn every_language_has_its_own_plurals() {
        let told = |language: Language, count: u64| {
            let words = Words { language };
            words.with("time-ago-h", &[("count", count.into())])
        };
        assert_eq!(told(Language::German, 1), "vor 1 Stunde");
        assert_eq!(told(Language::German, 3), "vor 3 Stunden");
        assert_eq!(told(Language::SimplifiedChinese, 1), "1 小时前");
        let days = Words {
            language: Language::SimplifiedChinese,
        };
        assert_eq!(days.with("time-ago-d", &[("count", 1.into())]), "昨天");
    }

    #[test]
    fn every_catalogue_is_read_without_a_fault() {
        for language in Language::ALL {
            let parsed = FluentResource::try_new(language.source().to_owned());
            assert!(
                parsed.is_ok(),
                "{language:?}: {:?}",
                parsed.err().map(|(_, faults)| faults)
            );
        }
    }
}
