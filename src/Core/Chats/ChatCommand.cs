using System.Text.Json.Serialization;
using Agora.Core.Kernel;

namespace Agora.Core.Chats;

/// <summary>A chat as it stands: a tree of turns.</summary>
/// <param name="AgentId">Whose it is besides its user's: the agents on the path of the session that began it, root first, with &gt; between.</param>
/// <param name="Turns">In the order in which they were said. What was said stands in the journal alone.</param>
/// <param name="Summaries">Each of one branch, up to a turn.</param>
public sealed record ChatView(
    string ChatId, string UserId, string AgentId, DateTimeOffset CreatedAt, IReadOnlyList<ChatTurn> Turns, IReadOnlyList<int>? Summaries = null, bool IsDeleted = false);

/// <summary>Turns of a chat as a tree, each under its number: the first is 1.</summary>
public static class ChatTree
{
    /// <summary>Null: there is none of this number.</summary>
    public static T? Turn<T>(IReadOnlyList<T> turns, int number)
        where T : class => number >= 1 && number <= turns.Count ? turns[number - 1] : null;

    /// <summary>From the root to a turn: the branch that it ends.</summary>
    /// <param name="after">The number of the turn that one follows.</param>
    public static IReadOnlyList<T> Branch<T>(IReadOnlyList<T> turns, int number, Func<T, int> after)
        where T : class
    {
        var branch = new List<T>();
        for (var turn = Turn(turns, number); turn is not null; turn = Turn(turns, after(turn)))
        {
            branch.Add(turn);
        }

        branch.Reverse();
        return branch;
    }
}

/// <summary>What was said to a model, and the run that replies.</summary>
/// <param name="Number">From 1 on, without gaps.</param>
/// <param name="Id">Of whoever said it: a repeat is the same turn.</param>
/// <param name="After">The turn that it follows; 0: it begins a branch of its own.</param>
/// <param name="Repeats">The turn whose words it says again; null: its own.</param>
/// <param name="RunId">Whose response is the reply; empty: it was replied elsewhere.</param>
public sealed record ChatTurn(int Number, Guid Id, int After, int? Repeats, Guid RunId);

/// <summary>The call that is about to reply.</summary>
/// <param name="Model">That is called, whichever was asked for.</param>
/// <param name="Route">Why this one; null: it was asked for.</param>
/// <param name="From">The first turn of the branch that the model reads word for word.</param>
/// <param name="Summary">The turn up to which it reads a summary; null: it reads none.</param>
/// <param name="Memories">Those of the user that it reads.</param>
/// <param name="Preferences">The version of the user's preferences that it reads; null: it reads none.</param>
public sealed record ChatReply(Guid RunId, string Model, string? Route, int From, int? Summary = null, IReadOnlyList<Guid>? Memories = null, int? Preferences = null);

/// <summary>A turn that was said elsewhere.</summary>
/// <param name="Model">The model that replied, in a row of an older release. Null if it is unknown or in <see cref="ChatImportedWords.Model"/>.</param>
/// <param name="At">When it was said; null: nobody knows.</param>
public sealed record ChatImportedTurn(Guid Id, string? Model, DateTimeOffset? At);

/// <summary>What was done is done in this turn.</summary>
public sealed record ChatTurnKept(int Number);

/// <summary>Closed union; Get is answered with <see cref="ChatView"/>, and all that is done in a turn with <see cref="ChatTurnKept"/>.</summary>
public abstract record ChatCommand
{
    private ChatCommand()
    {
    }

    /// <summary>Says something: what it costs is held already, and no model is called before this is durable. The same id is the same turn.</summary>
    /// <param name="After">The turn that it follows, 0 for none.</param>
    /// <param name="Repeats">A turn of this chat whose words are said again, to have another reply: <paramref name="Content"/> is null then, and it follows what that one follows.</param>
    /// <param name="Asked">A hash of the request under whose key it is said; null: it has no key.</param>
    /// <param name="Ends">It says the words that end the play.</param>
    public sealed record Ask(string AgentId, string SessionId, Guid Id, string Model, int After, int? Repeats, Personal? Content, ChatReply Reply, string? Asked = null, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool Ends = false) : ChatCommand;

    /// <summary>Turns that were said elsewhere; a chat that is not there begins with them.</summary>
    /// <param name="Known">So many turns whoever asks has seen: where there are others by now, it has to look again.</param>
    /// <param name="After">What the first follows; 0: none.</param>
    /// <param name="Model">The one that is asked where the chat goes on and none is named.</param>
    /// <param name="Content">A list of <see cref="ChatImportedWords"/>.</param>
    public sealed record Import(string AgentId, int Known, int After, string Model, IReadOnlyList<ChatImportedTurn> Turns, Personal Content) : ChatCommand;

    /// <summary>Another call replies, because the provider of the one before did nothing.</summary>
    public sealed record ReplyAnew(string AgentId, int Number, ChatReply Reply) : ChatCommand;

    /// <summary>What was said up to a turn of a branch, in short: a model reads it in place of that.</summary>
    public sealed record Summarize(string AgentId, int UpTo, Guid RunId, Personal Text) : ChatCommand;

    /// <summary>What the person thinks of a reply: what it thought before is replaced.</summary>
    /// <param name="Thumb">1, -1; 0: neither.</param>
    public sealed record Rate(string AgentId, int Number, int Thumb, Personal? Content) : ChatCommand;

    public sealed record Get(string AgentId) : ChatCommand;

    public sealed record Delete(string AgentId) : ChatCommand;

    public sealed record Tick : ChatCommand;

    /// <summary>What is done in a play besides saying something; all are answered with <see cref="Nothing"/>.</summary>
    public abstract record OfPlay(string AgentId) : ChatCommand;

    /// <summary>Begins a chat that is a play.</summary>
    /// <param name="Definition">What is played, whatever becomes of the scenario: sealed with the user's key, as all that is said.</param>
    public sealed record BeginPlay(string AgentId, PlayTerms Terms, Personal Definition) : OfPlay(AgentId);

    /// <summary>A hint is about to be paid: it counts from here on, so that two at once are not more than there may be.</summary>
    public sealed record AskHint(string AgentId, Guid Id) : OfPlay(AgentId);

    public sealed record GiveHint(string AgentId, Guid Id, Guid RunId, Personal Text) : OfPlay(AgentId);

    /// <summary>It came to nothing, and does not count.</summary>
    public sealed record FailHint(string AgentId, Guid Id) : OfPlay(AgentId);

    /// <summary>Nothing more is said.</summary>
    public sealed record EndPlay(string AgentId) : OfPlay(AgentId);

    /// <summary>The judge is about to be paid: it counts from here on, so that many at once are not more than there may be.</summary>
    public sealed record AskJudge(string AgentId, Guid RunId) : OfPlay(AgentId);

    /// <summary>It was asked and did nothing, and does not count.</summary>
    public sealed record FailJudge(string AgentId, Guid RunId) : OfPlay(AgentId);

    /// <summary>The judge was called and paid, whatever its answer is worth.</summary>
    public sealed record Judge(string AgentId, Guid RunId) : OfPlay(AgentId);

    /// <summary>How the play was: once, and the first stands.</summary>
    /// <param name="Reasons">Of each criterion, in words.</param>
    public sealed record Score(string AgentId, Guid Id, IReadOnlyList<CriterionScore> Criteria, Personal Reasons) : OfPlay(AgentId);
}

/// <summary>Why nothing is said in a chat.</summary>
public static class ChatRejection
{
    public static Rejection NotFound { get; } = new(Codes.NotFound, "There is no such chat.");

    public static Rejection NoTurn { get; } = new(Codes.NotFound, "The chat has no turn of this number.");

    public static Rejection Moved { get; } = new(Codes.PreconditionFailed, "Something was said in the chat meanwhile: it is looked at again, and then imported.");

    public static Rejection TooLong { get; } = new Rejection(Codes.NotEligible, "The chat is as long as one may be. Begin another.").AtMost("bytes", ChatLimits.Bytes);

    public static Rejection Full { get; } = new Rejection(Codes.NotEligible, "The chat has as many turns as one may have. Begin another.").AtMost("turns", ChatLimits.Turns);
}

/// <summary>Bounds of chats.</summary>
public static class ChatLimits
{
    /// <summary>In all branches of a chat together.</summary>
    public const int Turns = 1_000;

    /// <summary>Of all that is said in a chat, by the person, of replies and in summaries: whoever reads a chat reads all of it.</summary>
    public const int Bytes = 8 << 20;

    /// <summary>Of what is said and replied in turns that are shown at once, in characters: one that goes beyond is the last.</summary>
    public const int PageLength = 2 << 20;

    /// <summary>What is said counts so many at least.</summary>
    public const int BytesLeast = 256;

    /// <summary>Of what is said in one turn, in characters.</summary>
    public const int TextLength = 64 * 1024;

    /// <summary>Of what a model is told to be, in characters.</summary>
    public const int InstructionsLength = 16 * 1024;

    /// <summary>Of what was said before, in short, in characters.</summary>
    public const int SummaryLength = 8_000;

    /// <summary>The same with its quotes, where JSON has to escape each character.</summary>
    public const int SummaryBytes = (6 * SummaryLength) + 2;

    /// <summary>Of a reply that was made elsewhere, in characters.</summary>
    public const int ImportedReplyLength = 256 * 1024;

    /// <summary>Turns that are imported are written so many and so many bytes at a time: a row of the journal is no larger than what is said at once.</summary>
    public const int ImportedAtOnce = 100;
    public const int ImportedBytesAtOnce = 1 << 20;

    /// <summary>Of the name of an older chat, and of an id there, in characters.</summary>
    public const int OriginLength = 256;

    /// <summary>Of what a person says of a reply, in characters.</summary>
    public const int FeedbackLength = 4_000;

    /// <summary>With one turn.</summary>
    public const int Attachments = 8;

    /// <summary>Of one, in bytes.</summary>
    public const int AttachmentBytes = 2 << 20;

    /// <summary>Of the newest turns of a branch, with what was replied: a model reads so many at most, and so many characters.</summary>
    public const int WindowTurns = 200;
    public const int WindowTurnsDefault = 40;
    public const int WindowLength = 1 << 20;
    public const int WindowLengthDefault = 48 * 1024;

    /// <summary>Of what is remembered, so many besides those that are pinned.</summary>
    public const int Memories = 20;

    /// <summary>So long a turn waits to hear how it sounds; then it goes on without that.</summary>
    public static readonly TimeSpan SentimentWait = TimeSpan.FromSeconds(8);

    /// <summary>Of a list, what of the first turn is shown, in characters.</summary>
    public const int TitleLength = 80;

    /// <summary>Whoever waits for a reply hears that it goes on after this.</summary>
    public static readonly TimeSpan HeartbeatEvery = TimeSpan.FromSeconds(10);

    /// <summary>Streams of replies that one session reads at one process besides those that it asks for, and all sessions.</summary>
    public const int Followers = 200;
    public const int FollowersOfAll = 4_000;
}
