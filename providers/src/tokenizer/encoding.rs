//! Which of OpenAI's vocabularies does a model read?

/// A vocabulary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    /// Since GPT-4o; also the approximation for everybody else.
    O200k,
    /// GPT-3.5, GPT-4, GPT-4 Turbo, the embedding models.
    Cl100k,
}

/// Models of `cl100k_base`, by how their names begin; from OpenAI's table of encodings.
const CL100K: [&str; 8] = [
    "gpt-4-",
    "gpt-3.5",
    "gpt-35",
    "text-embedding-ada",
    "text-embedding-3",
    "babbage-002",
    "davinci-002",
    "text-davinci-",
];

impl Encoding {
    /// The vocabulary of a model. Prefixes of routers (`openai/gpt-4`) and of tuned models
    /// (`ft:gpt-4:…`) are looked through.
    pub(super) fn of(vendor: &str, model: &str) -> Self {
        if matches!(vendor, "anthropic" | "gemini" | "ollama") {
            return Self::O200k;
        }
        let model = model.rsplit('/').next().unwrap_or(model);
        let model = model.strip_prefix("ft:").unwrap_or(model);
        let is = |start: &&str| model.starts_with(*start);
        let gpt_4 = model == "gpt-4" || model.starts_with("gpt-4:");
        if gpt_4 || CL100K.iter().any(is) {
            Self::Cl100k
        } else {
            Self::O200k
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn older_models_and_embeddings_have_the_older_vocabulary() {
        for model in [
            "gpt-4",
            "gpt-4-0613",
            "gpt-4-turbo-2024-04-09",
            "gpt-3.5-turbo",
            "ft:gpt-4:acme::1",
            "ft:gpt-3.5-turbo:acme::1",
            "openai/gpt-4-turbo",
            "text-embedding-3-small",
            "text-embedding-ada-002",
            "davinci-002",
        ] {
            assert_eq!(Encoding::of("openai", model), Encoding::Cl100k, "{model}");
        }
    }

    #[test]
    fn newer_models_and_other_vendors_have_the_newer_one() {
        for model in [
            "gpt-4o",
            "gpt-4o-mini",
            "gpt-4.1",
            "gpt-4.5-preview",
            "gpt-5.4",
            "o1",
            "o3-mini",
            "gpt-oss-120b",
            "ft:gpt-4o-2024-08-06:acme::1",
            "our-own",
            "",
        ] {
            assert_eq!(Encoding::of("openai", model), Encoding::O200k, "{model}");
        }
        for vendor in ["anthropic", "gemini", "ollama"] {
            assert_eq!(Encoding::of(vendor, "gpt-4"), Encoding::O200k);
        }
    }
}
