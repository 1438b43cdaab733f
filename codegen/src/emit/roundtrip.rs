//! For tests: a table that finds a response type by its operation's name.

use quote::{format_ident, quote};

use super::docs;
use crate::ir::{Api, Apis};
use crate::layout::File;

/// One file for each API.
pub(crate) fn files(apis: &Apis) -> Vec<File> {
    apis.apis.iter().map(file).collect()
}

fn file(api: &Api) -> File {
    let module = format_ident!("{}", api.module);
    let rows = api.operations.iter().map(|operation| {
        let id = &operation.id;
        let response = format_ident!("{}Response", operation.name);
        quote!((#id, read_back::<matrix_api::#module::#response>))
    });
    let about = docs(["What reads and writes the response of each operation, by operationId."]);
    File {
        path: format!("{}.rs", api.module),
        origin: Vec::new(),
        head: vec![format!("Every response of the {} API.", api.name)],
        imports: vec!["crate::read_back::ReadBack".to_owned(), "crate::read_back::read_back".to_owned()],
        items: vec![quote! { #about pub static RESPONSES: &[(&str, ReadBack)] = &[#(#rows),*]; }],
    }
}
