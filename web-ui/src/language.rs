//! The languages of the console, and which of them a browser asks for.

/// A language of the console.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// English.
    #[default]
    English,
    /// German.
    German,
    /// Chinese in simplified script.
    SimplifiedChinese,
}

impl Language {
    /// All of them.
    pub const ALL: &'static [Self] = &[Self::English, Self::German, Self::SimplifiedChinese];

    /// The tag for `lang`, for settings and for what people choose.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
            Self::SimplifiedChinese => "zh-CN",
        }
    }

    /// What it calls itself: people look for this word.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::German => "Deutsch",
            Self::SimplifiedChinese => "简体中文",
        }
    }

    /// The language with this tag, which is written as [`Language::tag`] writes it.
    #[must_use]
    pub fn of(tag: &str) -> Option<Self> {
        let mut all = Self::ALL.iter().copied();
        all.find(|one| one.tag().eq_ignore_ascii_case(tag))
    }

    /// The catalogue as it was written.
    #[must_use]
    pub const fn source(self) -> &'static str {
        match self {
            Self::English => include_str!("../texts/en.ftl"),
            Self::German => include_str!("../texts/de.ftl"),
            Self::SimplifiedChinese => include_str!("../texts/zh-CN.ftl"),
        }
    }

    /// The language that a browser likes best of ours (`accept-language`, RFC 9110, section 12.5.4);
    /// none where it names none of them. `usual` is meant by `*`, unless it is refused (`de;q=0`).
    #[must_use]
    pub fn asked(header: &str, usual: Self) -> Option<Self> {
        let mut wishes: Vec<(&str, u16)> = header.split(',').filter_map(wish).collect();
        let refused = |language: Self| {
            let mut refusals = wishes.iter().filter(|(_range, quality)| *quality == 0);
            refusals.any(|(range, _quality)| Self::meant_by(range) == Some(language))
        };
        let left = Self::ALL.iter().copied().find(|one| !refused(*one));
        let any = if refused(usual) { left } else { Some(usual) };
        wishes.retain(|(_range, quality)| *quality > 0);
        // Equal wishes stay in the order in which they were named.
        wishes.sort_by_key(|(_range, quality)| u16::MAX - quality);
        let mut meant = wishes.iter().filter_map(|(range, _quality)| match *range {
            "*" => any,
            range => Self::meant_by(range),
        });
        meant.next()
    }

    /// Of ours, the one that people read who ask for this range. Traditional Chinese is not ours: who
    /// asks for it alone reads another language more easily than a wrong script.
    fn meant_by(range: &str) -> Option<Self> {
        let mut parts = range.split('-');
        let primary = parts.next().unwrap_or_default().to_ascii_lowercase();
        match primary.as_str() {
            "en" => Some(Self::English),
            "de" => Some(Self::German),
            "zh" => {
                let rest: Vec<String> = parts.map(str::to_ascii_lowercase).collect();
                let has = |part: &str| rest.iter().any(|one| one == part);
                let traditional = has("hant") || has("tw") || has("hk") || has("mo");
                (has("hans") || !traditional).then_some(Self::SimplifiedChinese)
            }
            _ => None,
        }
    }
}

/// A range and its quality in thousandths; none of what is no wish.
fn wish(text: &str) -> Option<(&str, u16)> {
    let mut parts = text.split(';').map(str::trim);
    let range = parts.next().filter(|range| !range.is_empty())?;
    let mut quality = 1_000;
    for part in parts {
        if let Some((name, value)) = part.split_once('=')
            && name.trim().eq_ignore_ascii_case("q")
        {
            quality = thousandths(value.trim())?;
        }
    }
    Some((range, quality))
}

/// `0.8` as 800: one digit, and up to three decimals.
fn thousandths(text: &str) -> Option<u16> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let whole: u16 = whole.parse().ok()?;
    let is_short = part.len() <= 3 && part.bytes().all(|byte| byte.is_ascii_digit());
    let part: u16 = format!("{part:0<3}").parse().ok().filter(|_| is_short)?;
    let quality = whole.checked_mul(1_000)?.checked_add(part)?;
    (quality <= 1_000).then_some(quality)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(header: &str) -> Option<Language> {
        Language::asked(header, Language::English)
    }

    #[test]
    fn a_browser_gets_the_language_that_it_likes_best() {
        let german = Some(Language::German);
        let chinese = Some(Language::SimplifiedChinese);
        assert_eq!(asked("de-AT,de;q=0.9,en;q=0.8"), german);
        assert_eq!(asked("en;q=0.5, de;q=0.7"), german);
        assert_eq!(asked("fr-FR, de ; q=0.2 , en; q=0.1"), german);
        assert_eq!(asked("zh-Hans-SG, en;q=0.3"), chinese);
        assert_eq!(asked("zh"), chinese);
        assert_eq!(asked("en-GB,zh-CN;q=0.9"), Some(Language::English));
        assert_eq!(asked("de;q=0.5,en;q=0.5"), german);
    }

    #[test]
    fn what_is_not_ours_asks_for_nothing() {
        for header in ["", "fr", "fr-FR,es;q=0.5", "zh-TW", "zh-Hant-HK", "de;q=0"] {
            assert_eq!(asked(header), None, "{header}");
        }
        for header in ["de;q=x", "de;q=1.1", "de;q=0.12345", ";q=1", ",,,"] {
            assert_eq!(asked(header), None, "{header}");
        }
    }

    #[test]
    fn anything_means_the_usual_language_unless_it_is_refused() {
        let asked = |header| Language::asked(header, Language::German);
        assert_eq!(asked("*"), Some(Language::German));
        assert_eq!(asked("fr, *;q=0.1"), Some(Language::German));
        assert_eq!(asked("*, de;q=0"), Some(Language::English));
        // A reader of Taiwan who also takes Chinese in general.
        let taiwan = "zh-TW,zh;q=0.9,en-US;q=0.8,en;q=0.7";
        assert_eq!(asked(taiwan), Some(Language::SimplifiedChinese));
    }

    #[test]
    fn a_language_is_found_by_its_own_tag_only() {
        for language in Language::ALL {
            assert_eq!(Language::of(language.tag()), Some(*language));
        }
        assert_eq!(Language::of("ZH-cn"), Some(Language::SimplifiedChinese));
        assert_eq!(Language::of("zh"), None);
        assert_eq!(Language::of("../en"), None);
    }
}
