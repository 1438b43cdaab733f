//! Who may come in: registration tokens, registration by the server's secret, accounts that end.

use matrix_api::synapse_admin::types::UserType;
use matrix_api::synapse_admin::{
    CreateRegistrationToken, DeleteRegistrationToken, GetRegistrationNonce, GetRegistrationToken, GetUser,
    ListRegistrationTokens, RegisterUser, RenewAccountValidity, UpdateRegistrationToken,
};
use matrix_api::{ErrorCode, UnixMillis};
use matrix_api_tests::live::{Live, PASSWORD, unique};
use ring::hmac;

use crate::look;

#[tokio::test]
async fn tokens() {
    let live = Live::new("admin_registration::tokens");
    let admin = live.admin().await;
    let name = unique("token");
    let soon = UnixMillis::now().get() + 600_000;
    let create = CreateRegistrationToken::new().token(&*name).uses_allowed(2).expiry_time(soon);
    if live.delegates_login() {
        look::refused(admin.send(create).await, 404, ErrorCode::Unrecognized);
        look::refused(admin.send(ListRegistrationTokens::new()).await, 404, ErrorCode::Unrecognized);
        look::refused(admin.send(GetRegistrationToken::new(&*name)).await, 404, ErrorCode::Unrecognized);
        look::refused(admin.send(UpdateRegistrationToken::new(&*name)).await, 404, ErrorCode::Unrecognized);
        look::refused(admin.send(DeleteRegistrationToken::new(name)).await, 404, ErrorCode::Unrecognized);
        return;
    }
    let made = admin.send(&create).await.unwrap().registration_token;
    assert_eq!((made.token.expose().as_str(), made.uses_allowed), (&*name, Some(2)));
    assert_eq!((made.pending, made.completed, made.expiry_time), (0, 0, Some(UnixMillis(soon))));
    look::refused(admin.send(create).await, 400, ErrorCode::InvalidParam);
    let drawn = admin.send(CreateRegistrationToken::new().length(40)).await.unwrap().registration_token;
    assert_eq!((drawn.token.expose().len(), drawn.uses_allowed, drawn.expiry_time), (40, None, None));

    // Absent leaves alone, null lifts.
    let update = || UpdateRegistrationToken::new(&*name);
    let changed = admin.send(update().uses_allowed(0)).await.unwrap().registration_token;
    assert_eq!((changed.uses_allowed, changed.expiry_time), (Some(0), Some(UnixMillis(soon))));
    let changed = admin.send(update().expiry_time_null()).await.unwrap().registration_token;
    assert_eq!((changed.uses_allowed, changed.expiry_time), (Some(0), None));
    let one = admin.send(GetRegistrationToken::new(&*name)).await.unwrap().registration_token;
    assert_eq!((one.uses_allowed, one.expiry_time), (Some(0), None));

    let listed = async |valid: Option<bool>| {
        let mut list = ListRegistrationTokens::new();
        list.valid = valid;
        let all = admin.send(list).await.unwrap().registration_tokens;
        let has = |name: &str| all.iter().any(|one| one.token.expose() == name);
        (has(&name), has(drawn.token.expose()))
    };
    assert_eq!(listed(None).await, (true, true));
    assert_eq!(listed(Some(true)).await, (false, true));
    assert_eq!(listed(Some(false)).await, (true, false));
    admin.send(DeleteRegistrationToken::new(&*name)).await.unwrap();
    look::refused(admin.send(GetRegistrationToken::new(name)).await, 404, ErrorCode::NotFound);
}

/// The proof that the secret is known.
fn mac(secret: &str, parts: &[&str]) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret.as_bytes());
    let tag = hmac::sign(&key, parts.join("\0").as_bytes());
    tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test]
async fn with_the_secret() {
    let live = Live::new("admin_registration::with_the_secret");
    let client = live.anonymous().await;
    if live.delegates_login() {
        look::refused(client.send(GetRegistrationNonce::new()).await, 404, ErrorCode::Unrecognized);
        look::refused(client.send(RegisterUser::new("n", "u", "p", "m")).await, 404, ErrorCode::Unrecognized);
        return;
    }
    let name = unique("Secretly");
    let nonce = client.send(GetRegistrationNonce::new()).await.unwrap().nonce;
    assert_eq!(nonce.len(), 128);
    let proof = mac(&live.registration_secret(), &[&nonce, &name, PASSWORD, "notadmin", "bot"]);
    let register = RegisterUser::new(&*nonce, &*name, PASSWORD, proof)
        .user_type(UserType::Bot)
        .displayname("Bot")
        .device_id("BOT")
        .refresh_token(true);
    let made = client.send(&register).await.unwrap();
    assert_eq!(made.user_id.as_str(), format!("@{}:{}", name.to_lowercase(), live.server_name()));
    assert_eq!((made.home_server.as_str(), made.device_id.unwrap().as_str()), (&*live.server_name(), "BOT"));
    assert!((200_000..=300_000).contains(&made.expires_in_ms.unwrap()));
    assert!(made.access_token.is_some() && made.refresh_token.is_some());
    let one = live.admin().await.send(GetUser::new(&made.user_id)).await.unwrap().user;
    assert_eq!((one.user_type, one.admin, one.displayname.as_deref()), (Some(UserType::Bot), false, Some("Bot")));
    // The nonce was good for one time.
    look::refused(client.send(register).await, 400, ErrorCode::Unknown);

    let nonce = client.send(GetRegistrationNonce::new()).await.unwrap().nonce;
    let wrong = mac("guessed", &[&nonce, "x", PASSWORD, "admin"]);
    let wrong = RegisterUser::new(nonce, "x", PASSWORD, wrong).admin(true);
    look::refused(client.send(wrong).await, 403, ErrorCode::Unknown);

    let nonce = client.send(GetRegistrationNonce::new()).await.unwrap().nonce;
    let name = unique("quietly");
    let proof = mac(&live.registration_secret(), &[&nonce, &name, PASSWORD, "notadmin"]);
    let quiet = RegisterUser::new(nonce, name, PASSWORD, proof).inhibit_login(true);
    let made = client.send(quiet).await.unwrap();
    assert!(made.access_token.is_none() && made.device_id.is_none());
}

#[tokio::test]
async fn accounts_that_end() {
    let live = Live::new("admin_registration::accounts_that_end");
    let admin = live.admin().await;
    let user = look::me(&live.new_user().await).await;
    let end = UnixMillis(UnixMillis::now().get() + 86_400_000);
    let renew = RenewAccountValidity::new(&user).expiration_ts(end).enable_renewal_emails(false);
    if live.delegates_login() {
        look::refused(admin.send(renew).await, 404, ErrorCode::Unrecognized);
        return;
    }
    assert_eq!(admin.send(renew).await.unwrap().expiration_ts, end);
    // This server has no period that could be added to the present.
    look::refused(admin.send(RenewAccountValidity::new(&user)).await, 500, ErrorCode::Unknown);
}
