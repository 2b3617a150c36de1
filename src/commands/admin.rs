//! `headgate admin`: administrators of the platform, who sign in at the console.

use admin_api::acting::may;
use admin_api::actions::users::{self, Changes, NewUser};
use clap::{Args, Subcommand};
use domain::permissions::PlatformRole;

use crate::commands::answer::Answer;
use crate::commands::operator::Operator;
use crate::commands::refusal::Refusal;
use crate::commands::{password, users as people};

/// What is done to administrators.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Make an administrator of the platform; the password is asked for, or read from standard input
    Create(Create),
    /// Give anybody a new password, which ends their sessions; it is asked for, or read from
    /// standard input
    ResetPassword(Who),
}

/// Who becomes an administrator.
#[derive(Debug, Args)]
pub struct Create {
    /// With what they sign in
    #[arg(value_name = "EMAIL")]
    email: String,
    /// Their name
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
}

/// Whose password.
#[derive(Debug, Args)]
pub struct Who {
    /// Their address or their id
    #[arg(value_name = "EMAIL")]
    who: String,
}

/// Does it.
pub async fn run(operator: &Operator, verb: Verb) -> Result<Answer, Refusal> {
    let acting = operator.acting::<may::WriteUsers>()?;
    match verb {
        Verb::Create(Create { email, name }) => {
            let password = password::ask(&format!("Password for {email}: "))?;
            let new = NewUser {
                email: Some(email),
                name,
                platform_role: Some(PlatformRole::PlatformAdmin),
                password: Some(password),
                ..NewUser::default()
            };
            let made = users::create(&acting, new).await?;
            people::card(&acting, made.user).await
        }
        Verb::ResetPassword(Who { who }) => {
            let store = acting.store();
            let found = match store.user_by_email(&who.trim().to_lowercase()).await? {
                Some(user) => Some(user),
                None => store.user(&who).await?,
            };
            let Some(user) = found else {
                return Err(Refusal::Refused(format!("nobody is known as `{who}`")));
            };
            let password = password::ask(&format!("New password for {who}: "))?;
            let changes = Changes {
                password: Some(password),
                ..Changes::default()
            };
            let changed = users::update(&acting, user.id.as_str(), changes, |_user| Ok(()));
            let (user, _members) = changed.await?;
            let answer = people::card(&acting, user).await?;
            Ok(answer.noting("The password is set anew; their sessions have ended."))
        }
    }
}
