namespace Agora.Api.Tests.Generated;

/// <summary>What a JSON Schema of one request cannot say: for what a call may be refused that the document allows.</summary>
internal static class Undeclarable
{
    private static readonly (string Operation, string Path, string Reason)[] All =
    [
        ("run_service", "/input", "Its provider's own schema holds it: get_run_schema."),
        ("run_service", "PAYMENT-SIGNATURE", "Here no payments by x402 are taken."),
        ("complete_task", "/output", "Its sponsor's own schema holds it: get_task_schema."),
        ("complete_task", "/consents", "The task says which consents it wants."),
        ("*", "cursor", "A cursor is of one list, one tenant and one set of filters."),
        ("read_conversation", "after", "A cursor is of one conversation, and of what was said there."),
        ("read_inbox", "after", "A cursor is of one tenant's inboxes."),
        ("put_inbox_webhook", "/after", "A cursor is of one tenant's inboxes."),
        ("follow_turn", "after", "An event is of one turn."),
        ("say_in_chat", "after", "An event is of one turn."),
        ("say_in_chat", "/after", "A turn has one place."),
        ("say_in_chat", "/attachments", "Files are there that were kept, and what is said again has its own."),
        ("say_in_chat", "/sentiment", "What is said again sounds as it did."),
        ("say_in_chat", "/chat_id", "Ids of chats are given by us."),
        ("say_in_chat", "/text", "Something is said, or said again."),
        ("keep_attachment", "/data", "A text is UTF-8, and bytes are base64."),
        ("import_chat", "/turns", "A turn has a text or a reply."),
        ("intervene_in_watch", "/seen", "Only a pause and a stop are meant for whatever there is."),
        ("intervene_in_watch", "/text", "What is said has words."),
        ("intervene_in_watch", "/seat", "Some interventions are about one seat."),
        ("intervene_in_watch", "/amount_cents", "A raise says by how much."),
        ("begin_play", "/scenario_id", "One thing is played: a scenario or a draft."),
        ("begin_play", "/scenario/rubric/criteria", "Each criterion has an id of its own."),
        ("put_scenario", "/rubric/criteria", "Each criterion has an id of its own."),
        ("follow_watch", "after", "An event is of one dialogue."),
        ("put_user", "/time_zone", "Zones have the names of the IANA database."),
        ("patch_user", "/time_zone", "Zones have the names of the IANA database."),
        ("put_raise", "", "A raise names one of the two caps."),
        ("lower_caps", "/daily_cap_cents", "What is lowered is below what it was."),
        ("lower_caps", "", "A user whose personal data were erased is changed no more."),
        ("lower_caps", "/monthly_cap_cents", "What is lowered is below what it was."),
        ("put_campaign", "/ends_at", "A campaign ends after it starts."),
        ("patch_campaign", "/ends_at", "A campaign ends after it starts."),
        ("put_campaign", "/services", "Of two services that are different one may have another's id."),
        ("patch_campaign", "/services", "Of two services that are different one may have another's id."),
        ("patch_service", "", "What is merged has one price."),
        ("patch_service", "/auth", "What is merged has a header where it has auth."),
        ("refund_payment", "/amount_cents", "A null could mean all that is left as well as nothing."),
        ("fund_campaign", "/amount_cents", "All that was ever funded has a bound too."),
        ("deposit", "/amount_cents", "All that a wallet has has a bound too."),
    ];

    public static IEnumerable<string> Reasons => All.Select(one => one.Reason);

    public static IReadOnlyList<string>? Of(GeneratedCall call, Support.Received reply)
    {
        var paths = reply.Code == "validation_failed" ? reply.Error.GetProperty("details").EnumerateArray().Select(detail => detail.GetProperty("path").GetString()!).ToList() : [call.At];
        var reasons = paths.Select(path => All.FirstOrDefault(one => (one.Operation is "*" || one.Operation == call.Operation) && (path == one.Path || path.StartsWith($"{one.Path}/", StringComparison.Ordinal) && one.Path.Length > 0)).Reason).ToList();
        return reasons.TrueForAll(reason => reason is not null) ? reasons : null;
    }
}
