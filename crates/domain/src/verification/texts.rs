//! The mail with the code, in the customer's language.

use super::Code;
use crate::customers::Language;

/// Subject and text. The code is not in the subject: those are shown on locked screens and kept in servers' logs.
pub(super) fn code_mail(language: Language, shop: &str, code: &Code) -> (String, String) {
    let code = code.as_str();
    match language {
        Language::English => (
            format!("Your code for {shop}"),
            format!(
                "Your code is {code}\n\n\
                 Enter it in the chat with {shop} to show that this e-mail address is yours. It is good for 10 minutes.\n\n\
                 You did not ask for a code? Then somebody has typed your address by mistake, and there is nothing that \
                 you need to do. Do not tell the code to anybody.\n"
            ),
        ),
        Language::German => (
            format!("Ihr Code für {shop}"),
            format!(
                "Ihr Code lautet {code}\n\n\
                 Geben Sie ihn im Chat mit {shop} ein, um zu zeigen, dass diese E-Mail-Adresse Ihre ist. Er gilt 10 \
                 Minuten.\n\n\
                 Sie haben keinen Code angefordert? Dann hat jemand versehentlich Ihre Adresse eingegeben, und Sie müssen \
                 nichts tun. Nennen Sie den Code niemandem.\n"
            ),
        ),
    }
}
