using System.Text.Json.Nodes;
using Agora.Application.Operations;
using Agora.Application.Values;
using Agora.Core.Chats;
using Agora.Core.Kernel;

namespace Agora.Application.Chats;

/// <summary>Something that is said to a model.</summary>
/// <param name="ChatId">Null: a new chat.</param>
/// <param name="Text">Null: the words of another turn are said again.</param>
/// <param name="Model">Null: the one that was asked last on this branch.</param>
/// <param name="Instructions">Null: those of the turn that this one follows.</param>
/// <param name="Attachments">Hashes.</param>
/// <param name="SummaryModel">Which model says in short what falls out of the window; null: it is left out.</param>
/// <param name="Memories">Null: nothing that is remembered is read.</param>
/// <param name="Preferences">The user's are read, where there are any.</param>
/// <param name="Sentiment">Null: as in the turn that this one follows.</param>
internal sealed record ChatAsked(
    Guid? ChatId, string? Text, string? Model, string? Instructions, IReadOnlyList<string> Attachments, ChatPlace Place, int? MaxOutputTokens, ChatWindow Window, string? SummaryModel, ChatRemembering? Memories, bool Preferences, ChatJudging? Sentiment)
{
    /// <summary>Members that are the scenario's to say where a play is said in.</summary>
    private static readonly string[] SaidByScenarios = ["model", "instructions", "attachments", "after", "edits", "repeats", "window", "summary_model", "memories", "preferences", "sentiment"];

    /// <summary>The first member that was sent and is the scenario's to say in a play. Null if none was.</summary>
    public string? OfScenario { get; init; }

    public static ChatAsked Read(Call call)
    {
        var body = call.Body;
        var asked = new ChatAsked(
            ChatIdOf(call, body.Id("chat_id", "The chat; absent: a new one.", required: false)),
            Words(body, "text", "What is said. Absent where repeats says whose words are said again.", ChatLimits.TextLength),
            body.Id("model", "The model, or the router that chooses one. Absent: the one that was asked last on this branch.", required: false),
            Words(body, "instructions", "What the model is to be, and how it is to answer. Absent: as in the turn that this one follows.", ChatLimits.InstructionsLength),
            body.Ids("attachments", "Files that go with it, each by the hash under which it is kept.", ChatLimits.Attachments) ?? [],
            new(
                body.Integer("after", "The turn that this one follows; 0: none. Absent: the newest.", 0, ChatLimits.Turns, absent: null),
                body.Integer("edits", "It is said in place of this turn: it follows what that one follows, and both stay.", 1, ChatLimits.Turns, absent: null),
                body.Integer("repeats", "The words of this turn are said again, to have another reply; both stay.", 1, ChatLimits.Turns, absent: null)),
            body.Integer("max_output_tokens", "Of the reply, reasoning included. Absent: as the model's offer says.", 1, int.MaxValue, absent: null),
            ChatWindow.Read(body.Object("window", "How much of the branch the model reads again.", required: false)),
            body.Id("summary_model", "What falls out of the window is said in short by this model, in a call with a bill of its own; absent: it is left out.", required: false),
            ChatRemembering.Read(body.Object("memories", "What is remembered of the user is read before; absent: nothing is.", required: false)),
            body.Flag("preferences", "How the user wants replies to be is read before, where anything is wished.", absent: true) ?? true,
            ChatJudging.Read(body.Object("sentiment", "How what is said sounds is judged before the reply, by a service, in a run with a bill of its own. Absent: as in the turn that this one follows, and in a new chat by none.", required: false)))
        {
            OfScenario = SaidByScenarios.FirstOrDefault(body.IsPresent),
        };
        if (asked.Place.Named > 1)
        {
            call.Findings.Violate("/after", "not", "A turn has one place: after, edits or repeats.");
        }

        if (asked is { Place.Repeats: not null, Attachments.Count: > 0 })
        {
            call.Findings.Violate("/attachments", "not", "What is said again has the files that it had.");
        }

        if (asked is { Place.Repeats: not null, Sentiment: not null })
        {
            call.Findings.Violate("/sentiment", "not", "What is said again sounds as it did.");
        }

        return asked;
    }

    /// <summary>People write in several lines, with signs that are made of several characters: so nothing but a zero is refused.</summary>
    public static string? Words(Fields body, string name, string meaning, int most, bool required = false) =>
        body.Formatted(name, meaning, most, static text => !string.IsNullOrWhiteSpace(text) && !text.Contains('\0'), "A text is wanted that is not blank, without the character U+0000.", required);

    private static Guid? ChatIdOf(Call call, string? id)
    {
        if (id is null) return null;
        if (PathIds.IsGuid(id, out var chat)) return chat;

        call.Findings.Violate("/chat_id", "pattern", "It is no id of a chat: those are given by us.");
        return null;
    }
}

/// <summary>Where in the tree something is said.</summary>
internal sealed record ChatPlace(int? After, int? Edits, int? Repeats)
{
    public int Named => (After is null ? 0 : 1) + (Edits is null ? 0 : 1) + (Repeats is null ? 0 : 1);
}

/// <summary>How much of a branch a model reads again: the newest turns, with their replies.</summary>
internal sealed record ChatWindow(int Turns, int Length)
{
    public static ChatWindow Read(Fields? window)
    {
        var none = new ChatWindow(ChatLimits.WindowTurnsDefault, ChatLimits.WindowLengthDefault);
        if (window is null) return none;

        var read = new ChatWindow(
            window.Integer("turns", "So many turns at most; 0: what is said is all that it reads.", 0, ChatLimits.WindowTurns, none.Turns) ?? none.Turns,
            window.Integer("characters", "So many characters of what was said and replied at most.", 0, ChatLimits.WindowLength, none.Length) ?? none.Length);
        window.Finish();
        return read;
    }
}

/// <summary>How much of what is remembered of the user a model reads before.</summary>
/// <param name="Model">Which compares by vectors; null: by words.</param>
internal sealed record ChatRemembering(int Limit, string? Model)
{
    private const int Usual = 5;

    public static ChatRemembering? Read(Fields? memories)
    {
        if (memories is null) return null;

        var read = new ChatRemembering(
            memories.Integer("limit", "So many of those that answer what is said best, besides those that are pinned.", 1, ChatLimits.Memories, Usual) ?? Usual,
            memories.Id("model", "A model for vectors, by which they are compared, in a call with a bill of its own; absent: by words.", required: false));
        memories.Finish();
        return read;
    }
}

/// <summary>Who judges how what is said sounds, in this turn and in those that follow it.</summary>
/// <param name="Wanted">Null: nobody does any more.</param>
internal sealed record ChatJudging(ChatSentiment? Wanted)
{
    public static ChatJudging? Read(Fields? sentiment)
    {
        if (sentiment is null) return null;

        var on = sentiment.Flag("on", "false: it is judged no more.", absent: true) ?? true;
        var service = sentiment.Id("service_id", "The service: it is given {\"text\"}, and answers with a label (positive, neutral, negative) and a score from -1 to 1. Absent only where on is false.", required: false);
        var most = sentiment.Cents("max_price_cents", "Do without where it costs more. Where it is given and no sponsor pays, the agent's wallet does.", required: false);
        if (on && service is null)
        {
            sentiment.Violate("service_id", "required", "This member is required.");
        }

        sentiment.Rule(static schema =>
        {
            schema["if"] = JsonNode.Parse("""{"properties":{"on":{"const":false}},"required":["on"]}""");
            schema["else"] = JsonNode.Parse("""{"required":["service_id"],"properties":{"service_id":{}}}""");
        });
        sentiment.Finish();
        return new ChatJudging(on && service is not null ? new ChatSentiment(service, most) : null);
    }
}

/// <summary>A chat that is looked at.</summary>
/// <param name="Branch">Only what leads to this turn; null: all.</param>
internal sealed record ChatLooked(Guid? ChatId, int? Branch, Page Page)
{
    public static ChatLooked Read(Call call) => new(ChatTurnAsked.IdOf(call), call.Query.Number("branch", "Only the turns that lead to this one.", 1, ChatLimits.Turns), call.Query.Page());
}

/// <summary>A turn that is named in the path.</summary>
/// <param name="ChatId">Null: no chat has such an id.</param>
/// <param name="Number">Null: no turn has such a number.</param>
internal sealed record ChatTurnAsked(Guid? ChatId, int? Number)
{
    public static ChatTurnAsked Read(Call call)
    {
        var chat = IdOf(call);
        return new(chat, int.TryParse(call.Id("turn"), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var number) ? number : null);
    }

    public static Guid? IdOf(Call call) => PathIds.IsGuid(call.Id("chat_id"), out var chat) ? chat : null;
}

/// <summary>A turn whose reply is followed.</summary>
/// <param name="After">The id of the last event that was received; null: from the first on.</param>
internal sealed record ChatFollowed(ChatTurnAsked Turn, string? After)
{
    public static ChatFollowed Read(Call call) => new(ChatTurnAsked.Read(call), call.Query.Text("after", "Of an event stream, the id of the last event that was received: it goes on behind that one.", Limits.CursorLength));
}

/// <summary>What a person thinks of a reply.</summary>
internal sealed record ChatRated(ChatTurnAsked Turn, string? Thumb, string? Text, string? Correction)
{
    public static readonly IReadOnlyList<string> Thumbs = [ChatTables.ThumbOf(1), ChatTables.ThumbOf(-1), ChatTables.ThumbOf(0)];

    public static ChatRated Read(Call call) => new(
        ChatTurnAsked.Read(call),
        call.Body.OneOf("thumb", "Whether it was good.", Thumbs, required: true),
        ChatAsked.Words(call.Body, "text", "Why, in words.", ChatLimits.FeedbackLength),
        ChatAsked.Words(call.Body, "correction", "What would have been right.", ChatLimits.FeedbackLength));

    public int Sign => Thumb == Thumbs[0] ? 1 : Thumb == Thumbs[1] ? -1 : 0;
}
