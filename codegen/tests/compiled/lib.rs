// Written by the test `every_golden_file_is_compiled` of matrix-api-codegen.

//! The expected files of codegen's golden tests, compiled against the runtime.

#![allow(
    deprecated,
    missing_docs,
    unused_qualifications,
    clippy::all,
    reason = "the goldens are as they are generated; matrix-api checks the same of its own generated files"
)]

// Generated code speaks of the runtime as its own crate.
pub use matrix_api::*;

#[path = "../golden/all-of/expected/client_server/things/request_token.rs"]
#[rustfmt::skip]
pub mod client_server_things_request_token;
#[path = "../golden/all-of/expected/client_server/types/base.rs"]
#[rustfmt::skip]
pub mod client_server_types_base;
#[path = "../golden/authentication/expected/client_server/things/call_as_service.rs"]
#[rustfmt::skip]
pub mod client_server_things_call_as_service;
#[path = "../golden/authentication/expected/client_server/things/call_freely.rs"]
#[rustfmt::skip]
pub mod client_server_things_call_freely;
#[path = "../golden/authentication/expected/client_server/things/call_maybe.rs"]
#[rustfmt::skip]
pub mod client_server_things_call_maybe;
#[path = "../golden/authentication/expected/client_server/things/call_with_login.rs"]
#[rustfmt::skip]
pub mod client_server_things_call_with_login;
#[path = "../golden/binary-body/expected/client_server/things/upload.rs"]
#[rustfmt::skip]
pub mod client_server_things_upload;
#[path = "../golden/binary-body/expected/client_server/things/upload_untyped.rs"]
#[rustfmt::skip]
pub mod client_server_things_upload_untyped;
#[path = "../golden/binary-response/expected/client_server/things/download.rs"]
#[rustfmt::skip]
pub mod client_server_things_download;
#[path = "../golden/binary-response/expected/client_server/things/thumbnail.rs"]
#[rustfmt::skip]
pub mod client_server_things_thumbnail;
#[path = "../golden/called-by-homeservers/expected/push_gateway/notices/give_notice.rs"]
#[rustfmt::skip]
pub mod push_gateway_notices_give_notice;
#[path = "../golden/compatibility/expected/client_server/things/store_thing.rs"]
#[rustfmt::skip]
pub mod client_server_things_store_thing;
#[path = "../golden/deprecated/expected/client_server/things/do_it_the_old_way.rs"]
#[rustfmt::skip]
pub mod client_server_things_do_it_the_old_way;
#[path = "../golden/deprecated/expected/client_server/types/deprecated_link.rs"]
#[rustfmt::skip]
pub mod client_server_types_deprecated_link;
#[path = "../golden/empty-body/expected/client_server/things/forget.rs"]
#[rustfmt::skip]
pub mod client_server_things_forget;
#[path = "../golden/empty-body/expected/client_server/things/leave.rs"]
#[rustfmt::skip]
pub mod client_server_things_leave;
#[path = "../golden/empty-body/expected/client_server/things/send_closed.rs"]
#[rustfmt::skip]
pub mod client_server_things_send_closed;
#[path = "../golden/empty-state-key/expected/client_server/things/get_state_at.rs"]
#[rustfmt::skip]
pub mod client_server_things_get_state_at;
#[path = "../golden/events/expected/client_server/things/get_shapes.rs"]
#[rustfmt::skip]
pub mod client_server_things_get_shapes;
#[path = "../golden/events/expected/client_server/types/shared_size.rs"]
#[rustfmt::skip]
pub mod client_server_types_shared_size;
#[path = "../golden/events/expected/events/figure.rs"]
#[rustfmt::skip]
pub mod events_content_figure;
#[path = "../golden/events/expected/events/nothing.rs"]
#[rustfmt::skip]
pub mod events_content_nothing;
#[path = "../golden/events/expected/events/types/m_colour.rs"]
#[rustfmt::skip]
pub mod events_types_m_colour;
#[path = "../golden/events/expected/events/wall_list.rs"]
#[rustfmt::skip]
pub mod events_content_wall_list;
#[path = "../golden/events/expected/events/wall_name.rs"]
#[rustfmt::skip]
pub mod events_content_wall_name;
#[path = "../golden/events/expected/events/wall_owner.rs"]
#[rustfmt::skip]
pub mod events_content_wall_owner;
#[path = "../golden/free-body/expected/client_server/things/send_any.rs"]
#[rustfmt::skip]
pub mod client_server_things_send_any;
#[path = "../golden/free-body/expected/client_server/things/send_free.rs"]
#[rustfmt::skip]
pub mod client_server_things_send_free;
#[path = "../golden/header-parameter/expected/client_server/things/search_users.rs"]
#[rustfmt::skip]
pub mod client_server_things_search_users;
#[path = "../golden/inlined/expected/client_server/things/get_inlined.rs"]
#[rustfmt::skip]
pub mod client_server_things_get_inlined;
#[path = "../golden/list-response/expected/client_server/things/get_locations.rs"]
#[rustfmt::skip]
pub mod client_server_things_get_locations;
#[path = "../golden/list-response/expected/client_server/things/get_named.rs"]
#[rustfmt::skip]
pub mod client_server_things_get_named;
#[path = "../golden/list-response/expected/client_server/things/get_numbers.rs"]
#[rustfmt::skip]
pub mod client_server_things_get_numbers;
#[path = "../golden/list-response/expected/client_server/types/listed_place.rs"]
#[rustfmt::skip]
pub mod client_server_types_listed_place;
#[path = "../golden/literal-paths/expected/client_server/things/get_the_base.rs"]
#[rustfmt::skip]
pub mod client_server_things_get_the_base;
#[path = "../golden/literal-paths/expected/client_server/things/get_with_dots.rs"]
#[rustfmt::skip]
pub mod client_server_things_get_with_dots;
#[path = "../golden/literal-paths/expected/client_server/things/get_with_slash.rs"]
#[rustfmt::skip]
pub mod client_server_things_get_with_slash;
#[path = "../golden/literal-paths/expected/client_server/things/set_out_of_order.rs"]
#[rustfmt::skip]
pub mod client_server_things_set_out_of_order;
#[path = "../golden/local-components/expected/client_server/things/get_local.rs"]
#[rustfmt::skip]
pub mod client_server_things_get_local;
#[path = "../golden/local-components/expected/client_server/types/local_capability.rs"]
#[rustfmt::skip]
pub mod client_server_types_local_capability;
#[path = "../golden/no-body/expected/client_server/things/leave_quietly.rs"]
#[rustfmt::skip]
pub mod client_server_things_leave_quietly;
#[path = "../golden/nullable/expected/client_server/things/set_pusher.rs"]
#[rustfmt::skip]
pub mod client_server_things_set_pusher;
#[path = "../golden/nullable/expected/client_server/types/nullable_rule.rs"]
#[rustfmt::skip]
pub mod client_server_types_nullable_rule;
#[path = "../golden/open-and-closed-objects/expected/client_server/things/set_things.rs"]
#[rustfmt::skip]
pub mod client_server_things_set_things;
#[path = "../golden/own-folder/expected/client_server/types/upstream_page.rs"]
#[rustfmt::skip]
pub mod client_server_types_upstream_page;
#[path = "../golden/own-folder/expected/own/pages/list_own_pages.rs"]
#[rustfmt::skip]
pub mod own_pages_list_own_pages;
#[path = "../golden/own-folder/expected/own/types/own_direction.rs"]
#[rustfmt::skip]
pub mod own_types_own_direction;
#[path = "../golden/own-folder/expected/own/types/own_page.rs"]
#[rustfmt::skip]
pub mod own_types_own_page;
#[path = "../golden/own-words/expected/client_server/things/say.rs"]
#[rustfmt::skip]
pub mod client_server_things_say;
#[path = "../golden/own-words/expected/client_server/types/own_words.rs"]
#[rustfmt::skip]
pub mod client_server_types_own_words;
#[path = "../golden/patched/expected/client_server/things/get_patched.rs"]
#[rustfmt::skip]
pub mod client_server_things_get_patched;
#[path = "../golden/pattern-maps/expected/client_server/things/set_receipts.rs"]
#[rustfmt::skip]
pub mod client_server_things_set_receipts;
#[path = "../golden/query-json/expected/client_server/things/page.rs"]
#[rustfmt::skip]
pub mod client_server_things_page;
#[path = "../golden/query-json/expected/client_server/things/poll.rs"]
#[rustfmt::skip]
pub mod client_server_things_poll;
#[path = "../golden/query-json/expected/client_server/types/page_filter.rs"]
#[rustfmt::skip]
pub mod client_server_types_page_filter;
#[path = "../golden/query-list/expected/client_server/things/knock.rs"]
#[rustfmt::skip]
pub mod client_server_things_knock;
#[path = "../golden/query-object/expected/client_server/things/look_up.rs"]
#[rustfmt::skip]
pub mod client_server_things_look_up;
#[path = "../golden/redirect-only/expected/client_server/things/redirect_to_login.rs"]
#[rustfmt::skip]
pub mod client_server_things_redirect_to_login;
#[path = "../golden/reference-body/expected/client_server/things/receive_shared.rs"]
#[rustfmt::skip]
pub mod client_server_things_receive_shared;
#[path = "../golden/reference-body/expected/client_server/things/send_owned.rs"]
#[rustfmt::skip]
pub mod client_server_things_send_owned;
#[path = "../golden/reference-body/expected/client_server/things/send_owned_again.rs"]
#[rustfmt::skip]
pub mod client_server_things_send_owned_again;
#[path = "../golden/reference-body/expected/client_server/things/send_shared.rs"]
#[rustfmt::skip]
pub mod client_server_things_send_shared;
#[path = "../golden/reference-body/expected/client_server/types/sent_and_received.rs"]
#[rustfmt::skip]
pub mod client_server_types_sent_and_received;
#[path = "../golden/reference-response/expected/client_server/things/get_renamed_thing.rs"]
#[rustfmt::skip]
pub mod client_server_things_get_renamed_thing;
#[path = "../golden/reference-response/expected/client_server/things/get_thing.rs"]
#[rustfmt::skip]
pub mod client_server_things_get_thing;
#[path = "../golden/reference-response/expected/client_server/types/referred_thing.rs"]
#[rustfmt::skip]
pub mod client_server_types_referred_thing;
#[path = "../golden/renames/expected/client_server/third_party/put_versions.rs"]
#[rustfmt::skip]
pub mod client_server_third_party_put_versions;
#[path = "../golden/reserved-words/expected/client_server/things/set_reserved.rs"]
#[rustfmt::skip]
pub mod client_server_things_set_reserved;
#[path = "../golden/reserved-words/expected/client_server/types/reserved_words.rs"]
#[rustfmt::skip]
pub mod client_server_types_reserved_words;
#[path = "../golden/secrets/expected/client_server/things/set_secrets.rs"]
#[rustfmt::skip]
pub mod client_server_things_set_secrets;
#[path = "../golden/secrets/expected/client_server/types/login_secret.rs"]
#[rustfmt::skip]
pub mod client_server_types_login_secret;
#[path = "../golden/several-successes/expected/client_server/things/put_device.rs"]
#[rustfmt::skip]
pub mod client_server_things_put_device;
#[path = "../golden/shared-between-apis/expected/client_server/things/get_shared.rs"]
#[rustfmt::skip]
pub mod client_server_things_get_shared;
#[path = "../golden/shared-between-apis/expected/client_server/types/reached_through_it.rs"]
#[rustfmt::skip]
pub mod client_server_types_reached_through_it;
#[path = "../golden/shared-between-apis/expected/client_server/types/shared_by_both.rs"]
#[rustfmt::skip]
pub mod client_server_types_shared_by_both;
#[path = "../golden/shared-between-apis/expected/events/types/shared_event.rs"]
#[rustfmt::skip]
pub mod events_types_shared_event;
#[path = "../golden/shared-between-apis/expected/identity/look_up/look_up_shared.rs"]
#[rustfmt::skip]
pub mod identity_look_up_look_up_shared;
#[path = "../golden/shared-between-apis/expected/identity/types/only_identity.rs"]
#[rustfmt::skip]
pub mod identity_types_only_identity;
#[path = "../golden/string-enums/expected/client_server/things/set_mood.rs"]
#[rustfmt::skip]
pub mod client_server_things_set_mood;
#[path = "../golden/trailing-space/expected/client_server/things/invite_by_address.rs"]
#[rustfmt::skip]
pub mod client_server_things_invite_by_address;
#[path = "../golden/trailing-space/expected/client_server/things/invite_by_id.rs"]
#[rustfmt::skip]
pub mod client_server_things_invite_by_id;
#[path = "../golden/transaction-ids/expected/client_server/things/send_in_body.rs"]
#[rustfmt::skip]
pub mod client_server_things_send_in_body;
#[path = "../golden/transaction-ids/expected/client_server/things/send_in_path.rs"]
#[rustfmt::skip]
pub mod client_server_things_send_in_path;
#[path = "../golden/unions/expected/client_server/things/join_any.rs"]
#[rustfmt::skip]
pub mod client_server_things_join_any;
#[path = "../golden/unions/expected/client_server/types/either_way.rs"]
#[rustfmt::skip]
pub mod client_server_types_either_way;
#[path = "../golden/untagged/expected/client_server/list_untagged/get_untagged.rs"]
#[rustfmt::skip]
pub mod client_server_list_untagged_get_untagged;
#[path = "../golden/untyped-override/expected/client_server/things/get_thread.rs"]
#[rustfmt::skip]
pub mod client_server_things_get_thread;
#[path = "../golden/untyped-override/expected/client_server/types/thread_event.rs"]
#[rustfmt::skip]
pub mod client_server_types_thread_event;

pub mod generated {
    pub mod client_server {
        pub mod types {
            pub use crate::client_server_types_base::*;
            pub use crate::client_server_types_deprecated_link::*;
            pub use crate::client_server_types_either_way::*;
            pub use crate::client_server_types_listed_place::*;
            pub use crate::client_server_types_local_capability::*;
            pub use crate::client_server_types_login_secret::*;
            pub use crate::client_server_types_nullable_rule::*;
            pub use crate::client_server_types_own_words::*;
            pub use crate::client_server_types_page_filter::*;
            pub use crate::client_server_types_reached_through_it::*;
            pub use crate::client_server_types_referred_thing::*;
            pub use crate::client_server_types_reserved_words::*;
            pub use crate::client_server_types_sent_and_received::*;
            pub use crate::client_server_types_shared_by_both::*;
            pub use crate::client_server_types_shared_size::*;
            pub use crate::client_server_types_thread_event::*;
            pub use crate::client_server_types_upstream_page::*;
        }
    }
    pub mod events {
        pub mod types {
            pub use crate::events_types_m_colour::*;
            pub use crate::events_types_shared_event::*;
        }
    }
    pub mod identity {
        pub mod types {
            pub use crate::identity_types_only_identity::*;
        }
    }
    pub mod own {
        pub mod types {
            pub use crate::own_types_own_direction::*;
            pub use crate::own_types_own_page::*;
        }
    }
}
