//! Every family of calls on a real homeserver. Run by `cargo xtask test`, which starts one.

#[path = "live/account.rs"]
mod account;
#[path = "live/account_data.rs"]
mod account_data;
#[path = "live/admin_accounts.rs"]
mod admin_accounts;
#[path = "live/admin_devices.rs"]
mod admin_devices;
#[path = "live/admin_examples.rs"]
mod admin_examples;
#[path = "live/admin_helpers.rs"]
mod admin_helpers;
#[path = "live/admin_media.rs"]
mod admin_media;
#[path = "live/admin_pages.rs"]
mod admin_pages;
#[path = "live/admin_registration.rs"]
mod admin_registration;
#[path = "live/admin_reports.rs"]
mod admin_reports;
#[path = "live/admin_rooms.rs"]
mod admin_rooms;
#[path = "live/admin_server.rs"]
mod admin_server;
#[path = "live/admin_user_data.rs"]
mod admin_user_data;
#[path = "live/admin_users.rs"]
mod admin_users;
#[path = "live/bots.rs"]
mod bots;
#[path = "live/bridge.rs"]
mod bridge;
#[path = "live/crypto.rs"]
mod crypto;
#[path = "live/delegated.rs"]
mod delegated;
#[path = "live/devices.rs"]
mod devices;
#[path = "live/directory.rs"]
mod directory;
#[path = "live/discovery.rs"]
mod discovery;
#[path = "live/ephemeral.rs"]
mod ephemeral;
#[path = "live/events.rs"]
mod events;
#[path = "live/federation.rs"]
mod federation;
#[path = "live/files.rs"]
mod files;
#[path = "live/first.rs"]
mod first;
#[path = "live/flows.rs"]
mod flows;
#[path = "live/history.rs"]
mod history;
#[path = "live/integrations.rs"]
mod integrations;
#[path = "live/key_backup.rs"]
mod key_backup;
#[path = "live/keys.rs"]
mod keys;
#[path = "live/legacy.rs"]
mod legacy;
#[path = "live/lists.rs"]
mod lists;
#[path = "live/login.rs"]
mod login;
#[path = "live/look.rs"]
mod look;
#[path = "live/media.rs"]
mod media;
#[path = "live/members.rs"]
mod members;
#[path = "live/newest.rs"]
mod newest;
#[path = "live/oauth.rs"]
mod oauth;
#[path = "live/openid.rs"]
mod openid;
#[path = "live/power.rs"]
mod power;
#[path = "live/profile.rs"]
mod profile;
#[path = "live/push.rs"]
mod push;
#[path = "live/register.rs"]
mod register;
#[path = "live/relations.rs"]
mod relations;
#[path = "live/reports.rs"]
mod reports;
#[path = "live/rooms.rs"]
mod rooms;
#[path = "live/search.rs"]
mod search;
#[path = "live/server.rs"]
mod server;
#[path = "live/sessions.rs"]
mod sessions;
#[path = "live/sso.rs"]
mod sso;
#[path = "live/sync.rs"]
mod sync;
#[path = "live/sync_stream.rs"]
mod sync_stream;
#[path = "live/threepid.rs"]
mod threepid;
#[path = "live/to_device.rs"]
mod to_device;
#[path = "live/uia.rs"]
mod uia;
#[path = "live/unstable.rs"]
mod unstable;
#[path = "live/web.rs"]
mod web;
