use crate::{string_enum::StringEnum, wire::Unknown};

macro_rules! codes {
    ($($(#[$docs:meta])* $name:ident = $text:literal,)*) => {
        /// Why a server refused, as a code.
        ///
        /// The list is open: a server may send codes of its own, which keep their text.
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum ErrorCode {
            $($(#[$docs])* $name,)*
            #[doc(hidden)]
            _Unknown(Unknown),
        }

        impl ErrorCode {
            /// Every code that this version knows, by name.
            pub const KNOWN: &'static [Self] = &[$(Self::$name,)*];
        }

        impl StringEnum for ErrorCode {
            const VALUES: &'static [&'static str] = &[$($text,)*];

            fn as_str(&self) -> &str {
                match self {
                    $(Self::$name => $text,)*
                    Self::_Unknown(text) => text.as_str(),
                }
            }

            fn parse(text: &str) -> Self {
                match text {
                    $($text => Self::$name,)*
                    _ => Self::_Unknown(Unknown::new(text)),
                }
            }

            fn is_known(&self) -> bool {
                !matches!(self, Self::_Unknown(_))
            }
        }
    };
}

crate::string_enum!(ErrorCode);

codes! {
    /// `M_APPSERVICE_LOGIN_UNSUPPORTED`: application services cannot log in this way here.
    AppserviceLoginUnsupported = "M_APPSERVICE_LOGIN_UNSUPPORTED",
    /// `M_BAD_ALIAS`: one of the aliases does not point to the room, or is malformed.
    BadAlias = "M_BAD_ALIAS",
    /// `M_BAD_JSON`: the body is JSON, but not of the right shape.
    BadJson = "M_BAD_JSON",
    /// `M_BAD_STATE`: the thing is not in a state that allows this.
    BadState = "M_BAD_STATE",
    /// `M_BAD_STATUS`: the application service answered with an error status.
    BadStatus = "M_BAD_STATUS",
    /// `M_CANNOT_LEAVE_SERVER_NOTICE_ROOM`: the room of the server's notices cannot be left.
    CannotLeaveServerNoticeRoom = "M_CANNOT_LEAVE_SERVER_NOTICE_ROOM",
    /// `M_CANNOT_OVERWRITE_MEDIA`: there is content under this media id already.
    CannotOverwriteMedia = "M_CANNOT_OVERWRITE_MEDIA",
    /// `M_CAPTCHA_INVALID`: the answer to the captcha is wrong.
    CaptchaInvalid = "M_CAPTCHA_INVALID",
    /// `M_CAPTCHA_NEEDED`: a captcha must be solved first.
    CaptchaNeeded = "M_CAPTCHA_NEEDED",
    /// `M_CONNECTION_FAILED`: the server could not reach the application service.
    ConnectionFailed = "M_CONNECTION_FAILED",
    /// `M_CONNECTION_TIMEOUT`: the application service did not answer the server in time.
    ConnectionTimeout = "M_CONNECTION_TIMEOUT",
    /// `M_DESTINATION_REJECTED`: the number or address is not one that messages are sent to.
    DestinationRejected = "M_DESTINATION_REJECTED",
    /// `M_DUPLICATE_ANNOTATION`: the same reaction by the same user is there already.
    DuplicateAnnotation = "M_DUPLICATE_ANNOTATION",
    /// `M_EMAIL_SEND_ERROR`: the mail could not be sent.
    EmailSendError = "M_EMAIL_SEND_ERROR",
    /// `M_EXAMPLE_ERROR`: stands in the specification's own examples.
    ExampleError = "M_EXAMPLE_ERROR",
    /// `M_EXCLUSIVE`: the name belongs to an application service.
    Exclusive = "M_EXCLUSIVE",
    /// `M_FORBIDDEN`: the user may not do this.
    Forbidden = "M_FORBIDDEN",
    /// `M_GUEST_ACCESS_FORBIDDEN`: guests may not do this.
    GuestAccessForbidden = "M_GUEST_ACCESS_FORBIDDEN",
    /// `M_INCOMPATIBLE_ROOM_VERSION`: the server does not know the room's version.
    IncompatibleRoomVersion = "M_INCOMPATIBLE_ROOM_VERSION",
    /// `M_INVALID_ADDRESS`: the phone number is malformed.
    InvalidAddress = "M_INVALID_ADDRESS",
    /// `M_INVALID_EMAIL`: the mail address is malformed.
    InvalidEmail = "M_INVALID_EMAIL",
    /// `M_INVALID_PARAM`: a parameter has a wrong value.
    InvalidParam = "M_INVALID_PARAM",
    /// `M_INVALID_PEPPER`: the pepper of a lookup is out of date.
    InvalidPepper = "M_INVALID_PEPPER",
    /// `M_INVALID_ROOM_STATE`: the initial state of a new room is not possible.
    InvalidRoomState = "M_INVALID_ROOM_STATE",
    /// `M_INVALID_SIGNATURE`: a signature does not match.
    InvalidSignature = "M_INVALID_SIGNATURE",
    /// `M_INVALID_USERNAME`: the user name is not allowed.
    InvalidUsername = "M_INVALID_USERNAME",
    /// `M_INVITE_BLOCKED`: the invited user does not take this invitation.
    InviteBlocked = "M_INVITE_BLOCKED",
    /// `M_KEY_TOO_LARGE`: the name of a profile field is too long.
    KeyTooLarge = "M_KEY_TOO_LARGE",
    /// `M_LIMIT_EXCEEDED`: too many requests; wait before the next.
    LimitExceeded = "M_LIMIT_EXCEEDED",
    /// `M_MISSING_PARAM`: a required parameter is missing.
    MissingParam = "M_MISSING_PARAM",
    /// `M_MISSING_TOKEN`: the request had no token.
    MissingToken = "M_MISSING_TOKEN",
    /// `M_NOT_FOUND`: there is no such thing.
    NotFound = "M_NOT_FOUND",
    /// `M_NOT_JSON`: the body is not JSON.
    NotJson = "M_NOT_JSON",
    /// `M_NOT_YET_UPLOADED`: the media id exists, its content does not yet.
    NotYetUploaded = "M_NOT_YET_UPLOADED",
    /// `M_NO_VALID_SESSION`: the validation session does not exist.
    NoValidSession = "M_NO_VALID_SESSION",
    /// `M_PROFILE_TOO_LARGE`: the profile as a whole is too large.
    ProfileTooLarge = "M_PROFILE_TOO_LARGE",
    /// `M_RESOURCE_LIMIT_EXCEEDED`: the homeserver has reached a limit; its admin must act.
    ResourceLimitExceeded = "M_RESOURCE_LIMIT_EXCEEDED",
    /// `M_ROOM_IN_USE`: the alias is taken.
    RoomInUse = "M_ROOM_IN_USE",
    /// `M_SEND_ERROR`: the text message could not be sent.
    SendError = "M_SEND_ERROR",
    /// `M_SERVER_NOT_TRUSTED`: the homeserver does not trust the identity server.
    ServerNotTrusted = "M_SERVER_NOT_TRUSTED",
    /// `M_SESSION_EXPIRED`: the validation session is too old.
    SessionExpired = "M_SESSION_EXPIRED",
    /// `M_SESSION_NOT_VALIDATED`: the validation session is not finished.
    SessionNotValidated = "M_SESSION_NOT_VALIDATED",
    /// `M_TERMS_NOT_SIGNED`: the terms of service must be accepted first.
    TermsNotSigned = "M_TERMS_NOT_SIGNED",
    /// `M_THREEPID_AUTH_FAILED`: the mail address or phone number could not be verified.
    ThreepidAuthFailed = "M_THREEPID_AUTH_FAILED",
    /// `M_THREEPID_DENIED`: the server does not allow this mail address or phone number.
    ThreepidDenied = "M_THREEPID_DENIED",
    /// `M_THREEPID_IN_USE`: the mail address or phone number belongs to an account already.
    ThreepidInUse = "M_THREEPID_IN_USE",
    /// `M_THREEPID_MEDIUM_NOT_SUPPORTED`: the server does not take this kind of address.
    ThreepidMediumNotSupported = "M_THREEPID_MEDIUM_NOT_SUPPORTED",
    /// `M_THREEPID_NOT_FOUND`: no account has this mail address or phone number.
    ThreepidNotFound = "M_THREEPID_NOT_FOUND",
    /// `M_TOKEN_INCORRECT`: the validation token is wrong.
    TokenIncorrect = "M_TOKEN_INCORRECT",
    /// `M_TOO_LARGE`: the request or the content is too large.
    TooLarge = "M_TOO_LARGE",
    /// `M_UNABLE_TO_AUTHORISE_JOIN`: the server cannot tell whether the user may join.
    UnableToAuthoriseJoin = "M_UNABLE_TO_AUTHORISE_JOIN",
    /// `M_UNABLE_TO_GRANT_JOIN`: the server cannot let the user join; another one may.
    UnableToGrantJoin = "M_UNABLE_TO_GRANT_JOIN",
    /// `M_UNAUTHORIZED`: the request was not authorised.
    Unauthorized = "M_UNAUTHORIZED",
    /// `M_UNKNOWN`: something else went wrong.
    Unknown = "M_UNKNOWN",
    /// `M_UNKNOWN_DEVICE`: the user has no such device.
    UnknownDevice = "M_UNKNOWN_DEVICE",
    /// `M_UNKNOWN_TOKEN`: the token is not, or no longer, valid.
    UnknownToken = "M_UNKNOWN_TOKEN",
    /// `M_UNRECOGNIZED`: the server does not know this operation.
    Unrecognized = "M_UNRECOGNIZED",
    /// `M_UNSUPPORTED_ROOM_VERSION`: the server cannot make rooms of this version.
    UnsupportedRoomVersion = "M_UNSUPPORTED_ROOM_VERSION",
    /// `M_URL_NOT_SET`: the application service has no URL.
    UrlNotSet = "M_URL_NOT_SET",
    /// `M_USER_DEACTIVATED`: the account has been deactivated.
    UserDeactivated = "M_USER_DEACTIVATED",
    /// `M_USER_IN_USE`: the user name is taken.
    UserInUse = "M_USER_IN_USE",
    /// `M_USER_LIMIT_EXCEEDED`: the user has reached a limit of the server.
    UserLimitExceeded = "M_USER_LIMIT_EXCEEDED",
    /// `M_USER_LOCKED`: the account is locked.
    UserLocked = "M_USER_LOCKED",
    /// `M_USER_SUSPENDED`: the account is suspended and may do little.
    UserSuspended = "M_USER_SUSPENDED",
    /// `M_WEAK_PASSWORD`: the password is too weak.
    WeakPassword = "M_WEAK_PASSWORD",
    /// `M_WRONG_ROOM_KEYS_VERSION`: the key backup has another version by now.
    WrongRoomKeysVersion = "M_WRONG_ROOM_KEYS_VERSION",
}
