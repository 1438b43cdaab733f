use std::{fmt, future::Future, pin::Pin};

use serde_json::{Value, json};

use super::UiaInfo;
use crate::{Object, Secret};

pub(super) const DUMMY: &str = "m.login.dummy";
pub(super) const TERMS: &str = "m.login.terms";
const PASSWORD: &str = "m.login.password";
const TOKEN: &str = "m.login.registration_token";
/// The name of before Matrix 1.2, which some servers still say.
const OLD_TOKEN: &str = "org.matrix.msc3231.login.registration_token";

/// A stage that is to be completed.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Stage {
    /// Its name, such as `m.login.sso`.
    pub name: String,

    /// What the server says about it, such as the address of its terms.
    pub params: Option<Value>,

    /// Where a browser can complete it. After that an empty answer tells the server to look.
    pub fallback_url: String,
}

type Answering = Pin<Box<dyn Future<Output = Option<Object>> + Send>>;

/// What stages are answered with.
#[derive(Default)]
pub(super) struct Answers {
    /// User and password.
    pub(super) password: Option<(String, Secret<String>)>,
    pub(super) registration_token: Option<Secret<String>>,
    pub(super) terms: bool,
    pub(super) other: Option<Box<dyn Fn(Stage) -> Answering + Send + Sync>>,
}

impl Answers {
    /// The next stage of the flow with the fewest stages left, among those that can be finished.
    pub(super) fn next(&self, info: &UiaInfo) -> Option<String> {
        let left = |flow: &Vec<String>| -> Vec<String> {
            flow.iter().filter(|stage| !info.completed().contains(stage)).cloned().collect()
        };
        let flows = info.flows().iter().map(left).filter(|left| left.iter().all(|stage| self.can(stage)));
        flows.filter(|left| !left.is_empty()).min_by_key(Vec::len)?.into_iter().next()
    }

    fn can(&self, stage: &str) -> bool {
        self.known(stage).is_some() || self.other.is_some()
    }

    fn known(&self, stage: &str) -> Option<Object> {
        let members = match stage {
            DUMMY => json!({}),
            TERMS if self.terms => json!({}),
            TOKEN | OLD_TOKEN => json!({ "token": self.registration_token.as_ref()?.expose() }),
            PASSWORD => {
                let (user, password) = self.password.as_ref()?;
                json!({ "identifier": { "type": "m.id.user", "user": user }, "password": password.expose() })
            }
            _ => return None,
        };
        match members {
            Value::Object(members) => Some(members.into_iter().collect()),
            _ => None,
        }
    }

    pub(super) async fn answer(&self, stage: Stage) -> Option<Object> {
        match (self.known(&stage.name), &self.other) {
            (Some(answer), _) => Some(answer),
            (None, Some(other)) => other(stage).await,
            (None, None) => None,
        }
    }
}

impl fmt::Debug for Answers {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Answers").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn info(flows: &Value, completed: &[&str]) -> UiaInfo {
        let body = json!({ "session": "s", "completed": completed, "flows": flows });
        UiaInfo::read(&body.as_object().unwrap().clone().into_iter().collect())
    }

    #[test]
    fn the_shortest_flow_that_can_be_answered_is_taken() {
        let flows = json!([
            { "stages": ["m.login.recaptcha"] },
            { "stages": ["m.login.registration_token", "m.login.terms", "m.login.dummy"] },
            { "stages": ["m.login.registration_token", "m.login.dummy"] },
        ]);
        let mut answers = Answers::default();
        assert_eq!(answers.next(&info(&flows, &[])), None);
        answers.registration_token = Some("t".into());
        assert_eq!(answers.next(&info(&flows, &[])).as_deref(), Some("m.login.registration_token"));
        assert_eq!(answers.next(&info(&flows, &["m.login.registration_token"])).as_deref(), Some("m.login.dummy"));
        // Everything is completed, and yet the server asks: there is nothing left to say.
        let all = ["m.login.registration_token", "m.login.dummy"];
        assert_eq!(answers.next(&info(&flows, &all)), None);
        answers.other = Some(Box::new(|_| Box::pin(async { None })));
        assert_eq!(answers.next(&info(&flows, &[])).as_deref(), Some("m.login.recaptcha"));
    }
}
