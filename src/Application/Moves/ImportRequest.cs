using Agora.Application.Operations;
using Agora.Application.Values;
using Agora.Core.Chats;
using Agora.Core.Moves;

namespace Agora.Application.Moves;

/// <summary>Turns of an older chat, in order, that are to stand here.</summary>
/// <param name="After">The turn here that the first of them follows; 0: they are the beginning.</param>
/// <param name="OnlyLooks">Nothing is written: it is said what would be.</param>
/// <param name="HasMore">The session has more, which comes in further requests: until the last it is not switched.</param>
/// <param name="Branches">Where the past has changed at the other side, what it is now becomes a branch.</param>
internal sealed record ImportRequest(string? Origin, string? OriginId, string? Model, int After, bool OnlyLooks, bool HasMore, bool Branches, IReadOnlyList<ImportedTurn> Turns)
{
    public static readonly IReadOnlyList<string> Differences = ["refuse", "branch"];

    public static ImportRequest Read(Call call)
    {
        var body = call.Body;
        var asked = new ImportRequest(
            body.Id("origin", "Which older chat it is, by a name that stays the same."),
            body.Formatted("origin_id", "The session's id there. Only its hash is kept.", ChatLimits.OriginLength, static id => id.Length > 0 && !DisplayText.HasHiddenCharacters(id), "An id is wanted, without hidden characters.", required: true),
            body.Id("model", "The model, or the router, that is asked where the chat goes on and none is named. Nothing is called now."),
            body.Integer("after", "The turn of this chat that the first of these follows, where a long session is sent in parts; 0: they are its beginning.", 0, ChatLimits.Turns, absent: 0) ?? 0,
            body.Flag("dry_run", "Say what would be added, and add nothing.", absent: false) ?? false,
            body.Flag("more", "Whether the session has more, which comes in further requests: until the last, the session stays at the old side.", absent: false) ?? false,
            body.OneOf("on_difference", "Where the other side's past is no longer the one that was imported: refuse adds nothing, branch adds what it is now as a branch. Absent: refuse.", Differences) == Differences[1],
            [.. body.Objects("turns", "What was said, with what was replied, in order.", ChatLimits.Turns, minItems: 1).Select(ImportedTurn.Read)]);
        if (asked.Turns.Count == 0)
        {
            call.Findings.Violate("/turns", "minItems", "One turn at least is wanted.");
        }

        return asked;
    }
}

/// <param name="Text">Null: what was replied answers nothing.</param>
/// <param name="Reply">Null: nothing was.</param>
internal sealed record ImportedTurn(string? Text, string? Reply, string? Instructions, string? Model, DateTimeOffset? At)
{
    public static ImportedTurn Read(Fields turn)
    {
        var read = new ImportedTurn(
            Words(turn, "text", "What the person said; absent: what was replied answers nothing.", ChatLimits.TextLength),
            Words(turn, "reply", "What was replied; absent: nothing was.", ChatLimits.ImportedReplyLength),
            Words(turn, "instructions", "What the model was told to be; absent: nothing.", ChatLimits.InstructionsLength),
            turn.Id("model", "The model that replied; absent: nobody knows.", required: false),
            turn.Time("at", "When it was said; absent: nobody knows."));
        if (read is { Text: null, Reply: null })
        {
            turn.Violate("text", "required", "A turn has a text, a reply, or both.");
        }

        turn.Finish();
        return read;
    }

    /// <summary>What stood there stands here: also what is blank.</summary>
    private static string? Words(Fields turn, string name, string meaning, int most) =>
        turn.Formatted(name, meaning, most, static text => text.Length > 0 && !text.Contains('\0'), "A text is wanted that is not empty, without the character U+0000.", required: false);
}

/// <summary>Which side a user is to be on.</summary>
internal sealed record SideRequest(string? Side)
{
    public static SideRequest Read(Call call) => new(call.Body.OneOf("side", "old: the older chat owns what is said; both: it does, and what is here is held against it; new: Agora does.", MoveSides.All, required: true));
}
