using System.Text.Json.Serialization;
using Agora.Core.Kernel;

namespace Agora.Core.Chats;

/// <summary>Closed union of what happens to a chat. What was said is sealed with the user's key, and goes with it.</summary>
public abstract record ChatEvent
{
    private ChatEvent()
    {
    }

    public sealed record Begun(string AgentId) : ChatEvent;

    /// <summary>As of <see cref="ChatTurn"/>.</summary>
    /// <param name="Model">As it was asked for.</param>
    /// <param name="Bytes">What it adds to the chat.</param>
    /// <param name="Request">A hash of the request under whose key it was said; null: it has no key.</param>
    /// <param name="Ends">It says the words that end the play.</param>
    public sealed record Asked(
        int Number, Guid Id, int After, string SessionId, string Model, ChatReply Reply, int Bytes, int? Repeats = null, string? Request = null, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool Ends = false) : ChatEvent
    {
        /// <summary><see cref="ChatWords"/>; null: it repeats another's, or the user's key is gone.</summary>
        [JsonIgnore]
        public Personal? Content { get; init; }
    }

    /// <summary>Turns that were said elsewhere, with their replies, which nobody here has called or paid. Each follows the one before it.</summary>
    /// <param name="First">The number of the first.</param>
    /// <param name="After">What the first follows; 0: none.</param>
    /// <param name="Origin">Where they were said, in a row of an older release. Null if it is in <see cref="ChatImportedWords.Model"/>, which is erased with the user's key.</param>
    /// <param name="Model">The one that is asked where the chat goes on and none is named.</param>
    public sealed record Imported(int First, int After, string? Origin, string Model, int Bytes, IReadOnlyList<ChatImportedTurn> Turns) : ChatEvent
    {
        /// <summary>A <see cref="ChatImportedWords"/> for each turn; null: the user's key is gone.</summary>
        [JsonIgnore]
        public Personal? Content { get; init; }

        public int Last => First + Turns.Count - 1;
    }

    public sealed record RepliedAnew(int Number, ChatReply Reply) : ChatEvent;

    public sealed record Summarized(int UpTo, Guid RunId, int Bytes) : ChatEvent
    {
        /// <summary>A text; null: the user's key is gone.</summary>
        [JsonIgnore]
        public Personal? Text { get; init; }
    }

    public sealed record Rated(int Number, int Thumb, int Bytes) : ChatEvent
    {
        /// <summary><see cref="ChatFeedback"/>; null: there is none, or the user's key is gone.</summary>
        [JsonIgnore]
        public Personal? Content { get; init; }
    }

    public sealed record Deleted : ChatEvent;

    public sealed record PlayBegun(PlayTerms Terms, int Bytes) : ChatEvent
    {
        /// <summary>What is played; null: the user's key is gone.</summary>
        [JsonIgnore]
        public Personal? Definition { get; init; }
    }

    /// <param name="After">The last turn that was said by then.</param>
    public sealed record HintAsked(Guid Id, int After) : ChatEvent;

    public sealed record HintGiven(Guid Id, Guid RunId, int Bytes) : ChatEvent
    {
        /// <summary>A text; null: the user's key is gone.</summary>
        [JsonIgnore]
        public Personal? Text { get; init; }
    }

    public sealed record HintFailed(Guid Id) : ChatEvent;

    public sealed record PlayEnded : ChatEvent;

    public sealed record JudgeAsked(Guid RunId) : ChatEvent;

    public sealed record JudgeFailed(Guid RunId) : ChatEvent;

    public sealed record Judged(Guid RunId) : ChatEvent;

    /// <param name="Percent">Of all criteria, by their weights.</param>
    public sealed record Scored(Guid Id, IReadOnlyList<CriterionScore> Criteria, int Percent, int Bytes) : ChatEvent
    {
        /// <summary>Of each criterion, in words; null: the user's key is gone.</summary>
        [JsonIgnore]
        public Personal? Reasons { get; init; }
    }
}

/// <summary>What a person says in a turn.</summary>
/// <param name="Instructions">What the model is told to be; null: nothing is said.</param>
/// <param name="Attachments">Files by the hashes of their bytes.</param>
/// <param name="Sentiment">Null: nobody was asked.</param>
public sealed record ChatWords(string Text, string? Instructions = null, IReadOnlyList<string>? Attachments = null, ChatSentiment? Sentiment = null);

/// <summary>What a person said elsewhere, and what was replied.</summary>
/// <param name="Text">Empty: what was replied answers nothing.</param>
/// <param name="Reply">Null: nothing was.</param>
/// <param name="Model">The model that replied there or, if it is unknown, where the turn was said. Null in a row of an older release, which has it in clear.</param>
public sealed record ChatImportedWords(string Text, string? Reply, string? Instructions = null, string? Model = null);

/// <summary>What a person thinks of a reply, in words.</summary>
/// <param name="Correction">What would have been right; null: it is not said.</param>
public sealed record ChatFeedback(string? Text, string? Correction);
