//! What an attempt counted, out of its row.

use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Bool, Nullable, Text};
use domain::usage::{ServiceTier, Usage};

/// The columns of [`Counted`] in `attempts a`.
pub(crate) const COUNTED: &str = "a.input_tokens, a.output_tokens, a.cache_read_tokens, \
    a.cache_write_tokens, a.cache_write_1h_tokens, a.audio_input_tokens, a.image_input_tokens, \
    a.reasoning_tokens, a.audio_output_tokens, a.service_tier, a.estimated";

/// What stands in the columns of tokens.
#[derive(QueryableByName)]
pub(crate) struct Counted {
    #[diesel(sql_type = BigInt)]
    input_tokens: i64,
    #[diesel(sql_type = BigInt)]
    output_tokens: i64,
    #[diesel(sql_type = Nullable<BigInt>)]
    cache_read_tokens: Option<i64>,
    #[diesel(sql_type = Nullable<BigInt>)]
    cache_write_tokens: Option<i64>,
    #[diesel(sql_type = Nullable<BigInt>)]
    cache_write_1h_tokens: Option<i64>,
    #[diesel(sql_type = Nullable<BigInt>)]
    audio_input_tokens: Option<i64>,
    #[diesel(sql_type = Nullable<BigInt>)]
    image_input_tokens: Option<i64>,
    #[diesel(sql_type = Nullable<BigInt>)]
    reasoning_tokens: Option<i64>,
    #[diesel(sql_type = Nullable<BigInt>)]
    audio_output_tokens: Option<i64>,
    #[diesel(sql_type = Nullable<Text>)]
    service_tier: Option<String>,
    #[diesel(sql_type = Bool)]
    estimated: bool,
}

impl Counted {
    pub fn usage(&self) -> Usage {
        let rare = |stored: Option<i64>| count(stored.unwrap_or(0));
        let tier = self.service_tier.as_deref().map(ServiceTier::from_word);
        Usage {
            input_tokens: count(self.input_tokens),
            cache_read_tokens: rare(self.cache_read_tokens),
            cache_write_tokens: rare(self.cache_write_tokens),
            cache_write_1h_tokens: rare(self.cache_write_1h_tokens),
            audio_input_tokens: rare(self.audio_input_tokens),
            image_input_tokens: rare(self.image_input_tokens),
            output_tokens: count(self.output_tokens),
            reasoning_tokens: rare(self.reasoning_tokens),
            audio_output_tokens: rare(self.audio_output_tokens),
            service_tier: tier.unwrap_or_default(),
            estimated: self.estimated,
        }
    }
}

/// A count out of its column.
pub(super) fn count(stored: i64) -> u64 {
    u64::try_from(stored).unwrap_or(0)
}
