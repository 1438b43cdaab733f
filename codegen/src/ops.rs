//! The list of operations, for people and for other tools.

use crate::ir::{Apis, Auth, Effect, Idempotency};
use crate::openapi::Method;

/// One operation in one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpsRow {
    /// The API it belongs to, such as `client-server`.
    pub api: String,
    /// The operationId of the document.
    pub operation_id: String,
    /// The HTTP method.
    pub method: &'static str,
    /// The path template with its base path.
    pub path: String,
    /// `none`, `optional`, `required` or `appservice`.
    pub auth: &'static str,
    /// `always` or `if-unsent`.
    pub idempotency: &'static str,
    /// `reads`, `writes` or `destroys`.
    pub effect: &'static str,
    /// Where the request type is found.
    pub rust_path: String,
}

impl OpsRow {
    /// The names of the columns.
    pub const HEADER: &'static str = "api\toperationId\tmethod\tpath\tauth\tidempotency\teffect\trust path";
}

impl std::fmt::Display for OpsRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { api, operation_id, method, path, auth, idempotency, effect, rust_path } = self;
        write!(f, "{api}\t{operation_id}\t{method}\t{path}\t{auth}\t{idempotency}\t{effect}\t{rust_path}")
    }
}

/// Every operation, in the order of the APIs and of their names.
pub(crate) fn rows(apis: &Apis) -> Vec<OpsRow> {
    let mut rows = Vec::new();
    for api in &apis.apis {
        for operation in &api.operations {
            rows.push(OpsRow {
                api: api.name.clone(),
                operation_id: operation.id.clone(),
                method: method(operation.method),
                path: operation.path.template(),
                auth: match operation.auth {
                    Auth::None => "none",
                    Auth::Optional => "optional",
                    Auth::AccessToken => "required",
                    Auth::Appservice => "appservice",
                },
                idempotency: match operation.idempotency {
                    Idempotency::Always => "always",
                    Idempotency::IfUnsent => "if-unsent",
                },
                effect: match operation.effect {
                    Effect::Reads => "reads",
                    Effect::Writes => "writes",
                    Effect::Destroys => "destroys",
                },
                rust_path: format!("matrix_api::{}::{}", api.module, operation.name),
            });
        }
    }
    rows
}

/// The method as HTTP writes it.
pub(crate) fn method(method: Method) -> &'static str {
    match method {
        Method::Get => "GET",
        Method::Post => "POST",
        Method::Put => "PUT",
        Method::Delete => "DELETE",
        Method::Patch => "PATCH",
    }
}
