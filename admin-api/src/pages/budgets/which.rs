//! Which of a level's budgets is meant: one of those of all models by its place, one of a model, a new
//! one.

use domain::policies::{Budget, Policy};

use crate::error::ActionError;

/// One budget of a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Which {
    /// One that is not there yet.
    New,
    /// One of all models, by its place.
    At(usize),
    /// The one of a model.
    OfModel(String),
}

impl Which {
    /// Reads what an address says: `new`, `0`, `model:gpt-4o`.
    ///
    /// # Errors
    /// [`ActionError::NotFound`] for anything else.
    pub fn read(text: &str) -> Result<Self, ActionError> {
        if let Some(model) = text.strip_prefix("model:") {
            return Ok(Self::OfModel(model.to_owned()));
        }
        match text {
            "" | "new" => Ok(Self::New),
            place => place
                .parse()
                .map(Self::At)
                .map_err(|_no_place| ActionError::not_found("Budget", text)),
        }
    }

    /// As an address says it.
    pub fn word(&self) -> String {
        match self {
            Self::New => "new".to_owned(),
            Self::At(place) => place.to_string(),
            Self::OfModel(model) => format!("model:{model}"),
        }
    }

    /// The budget, where it is there.
    pub fn of<'p>(&self, policy: &'p Policy) -> Option<&'p Budget> {
        match self {
            Self::New => None,
            Self::At(place) => policy.budgets.get(*place),
            Self::OfModel(model) => policy.model_budgets.get(model),
        }
    }

    /// Writes it; a new one of a model is that model's.
    pub fn put(&self, policy: &mut Policy, model: Option<String>, budget: Budget) {
        match (self, model) {
            (Self::At(place), _) => {
                if let Some(one) = policy.budgets.get_mut(*place) {
                    *one = budget;
                }
            }
            (Self::OfModel(model), _) => {
                policy.model_budgets.insert(model.clone(), budget);
            }
            (Self::New, Some(model)) => {
                policy.model_budgets.insert(model, budget);
            }
            (Self::New, None) => policy.budgets.push(budget),
        }
    }

    /// Takes it away.
    pub fn take(&self, policy: &mut Policy) {
        match self {
            Self::New => {}
            Self::At(place) if *place < policy.budgets.len() => {
                policy.budgets.remove(*place);
            }
            Self::At(_gone) => {}
            Self::OfModel(model) => {
                policy.model_budgets.remove(model);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::money::NanoUsd;
    use domain::policies::BudgetMode;

    use super::*;

    fn of(limit: i64) -> Budget {
        Budget {
            limit_nanousd: NanoUsd(limit),
            window: None,
            mode: BudgetMode::Enforce,
            increase: None,
            alert_at_percent: None,
        }
    }

    #[test]
    fn a_budget_is_found_again_where_its_address_says() {
        let mut policy = Policy::default();
        Which::New.put(&mut policy, None, of(1));
        Which::New.put(&mut policy, Some("gpt".to_owned()), of(2));
        for (word, limit) in [("0", 1), ("model:gpt", 2)] {
            let which = Which::read(word).unwrap();
            assert_eq!(which.word(), word);
            assert_eq!(which.of(&policy), Some(&of(limit)));
        }
        Which::At(0).put(&mut policy, None, of(3));
        assert_eq!(policy.budgets, [of(3)]);
        Which::At(0).take(&mut policy);
        Which::OfModel("gpt".to_owned()).take(&mut policy);
        assert_eq!(policy, Policy::default());
        assert_eq!(Which::read("new").unwrap().of(&policy), None);
        assert!(Which::read("x").is_err());
    }
}
