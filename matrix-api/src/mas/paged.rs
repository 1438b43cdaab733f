use super::MasAdmin;
use crate::{
    PageToken, Request,
    mas_admin::{types, *},
    pages::{ItemStream, Page},
    service,
};

/// A request for one page of a list: what [`MasAdmin::pages`] takes.
pub trait Paged: Request<To = service::MasAdmin> + Clone + Send + Sync + sealed::Sealed + 'static {
    /// What the list is of.
    type Item: Send + 'static;

    /// Begins after this cursor, or where the list does. Pages go forwards.
    #[doc(hidden)]
    fn begin(&mut self, after: Option<String>);

    #[doc(hidden)]
    fn after(&self) -> Option<&str>;

    #[doc(hidden)]
    fn page(response: Self::Response) -> Page<Self::Item>;
}

mod sealed {
    pub trait Sealed {}
}

macro_rules! paged {
    ($($request:ident: $item:ident,)*) => {$(
        impl sealed::Sealed for $request {}

        impl Paged for $request {
            type Item = types::$item;

            fn begin(&mut self, after: Option<String>) {
                self.page_after = after;
                (self.page_before, self.page_last) = (None, None);
            }

            fn after(&self) -> Option<&str> {
                self.page_after.as_deref()
            }

            fn page(response: Self::Response) -> Page<Self::Item> {
                let page = response.page;
                let items = page.data.unwrap_or_default();
                // Older services do not name the cursor, which is the id.
                let cursor = |last: &Self::Item| match last.meta.as_ref().and_then(|meta| meta.page.as_ref()) {
                    Some(page) => page.cursor.clone(),
                    None => last.id.clone(),
                };
                let next = items.last().filter(|_| page.links.next.is_some()).map(cursor).map(PageToken::from);
                Page::new(items, next, page.meta.and_then(|meta| meta.count))
            }
        }
    )*};
}

paged! {
    ListCompatSessions: CompatSessionResource,
    ListOauth2Clients: Oauth2ClientResource,
    ListOauth2Sessions: Oauth2SessionResource,
    ListPersonalSessions: PersonalSessionResource,
    ListUpstreamOauthLinks: UpstreamOauthLinkResource,
    ListUpstreamOauthProviders: UpstreamOauthProviderResource,
    ListUserEmails: UserEmailResource,
    ListUserRegistrationTokens: UserRegistrationTokenResource,
    ListUserSessions: UserSessionResource,
    ListUsers: UserResource,
}

impl MasAdmin {
    /// Goes through a list page by page, forwards, with the filters that the request sets. Its `page_first` is the size
    /// of a page, its `page_after` where the first one begins; a `page_before` or `page_last` does not count.
    ///
    /// [`total`](ItemStream::total) is how many there are, unless the request's `count` leaves that out.
    ///
    /// ```no_run
    /// use matrix_api::mas_admin::ListUserSessions;
    ///
    /// # async fn example(mas: matrix_api::mas::MasAdmin) -> matrix_api::Result<()> {
    /// let mut sessions = mas.pages(ListUserSessions::new().page_first(100)).max_items(1000);
    /// while let Some(session) = sessions.next().await {
    ///     println!("{}", session?.id);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn pages<R: Paged>(&self, request: R) -> ItemStream<R::Item>
    where
        R::Response: Send,
    {
        let start = request.after().map(PageToken::from);
        let mas = self.clone();
        ItemStream::new(start, move |at| {
            let (mas, mut request) = (mas.clone(), request.clone());
            async move {
                request.begin(at.map(|at| at.as_str().to_owned()));
                Ok(R::page(mas.send(request).await?))
            }
        })
    }

    /// All users, deactivated ones too.
    pub fn users(&self) -> ItemStream<types::UserResource> {
        self.pages(ListUsers::new())
    }
}
