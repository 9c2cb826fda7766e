using System.Collections.Immutable;
using Agora.Core.Kernel;
using Agora.Core.Scenarios;

namespace Agora.Core.Chats;

/// <summary>What of a scenario decides how a chat goes on that plays it.</summary>
/// <param name="ScenarioId">Null: it is an author's draft, which counts nowhere.</param>
/// <param name="Version">Of that scenario.</param>
/// <param name="Turns">Nothing more is said behind so many.</param>
/// <param name="Hints">So many at most.</param>
public sealed record PlayTerms(string? ScenarioId, int? Version, int Turns, int Hints)
{
    public bool IsDryRun => ScenarioId is null;
}

/// <summary>A play as it stands, besides its turns.</summary>
/// <param name="Hints">That were given, or are asked for.</param>
/// <param name="IsEnded">Nothing more is said, however many turns are left.</param>
/// <param name="Score">Null: there is none yet.</param>
/// <param name="Judged">So many calls of the judge were paid.</param>
/// <param name="Given">Of the hints; null: none was.</param>
/// <param name="Asking">Calls of the judge besides those: they are asked for, and nobody has said what came of them; null: none ever was.</param>
public sealed record PlayState(PlayTerms Terms, ImmutableList<Guid> Hints, bool IsEnded = false, PlayScore? Score = null, int Judged = 0, ImmutableList<Guid>? Given = null, ImmutableList<Guid>? Asking = null)
{
    public bool IsGiven(Guid hint) => Given?.Contains(hint) == true;

    /// <summary>No further call of the judge is let begin.</summary>
    public bool IsJudgedOut => Judged + (Asking?.Count ?? 0) >= ScenarioLimits.Judgements;

    /// <summary>Bytes that are kept for hints which are asked for: their coach is paid, whatever else is said meanwhile.</summary>
    public int KeptForHints => ScenarioLimits.HintBytes * (Hints.Count - (Given?.Count ?? 0));
}

/// <param name="Percent">Of all criteria, by their weights.</param>
public sealed record PlayScore(IReadOnlyList<CriterionScore> Criteria, int Percent);

/// <summary>What a play reached of one criterion.</summary>
/// <param name="Levels">The highest score; the lowest is 0.</param>
public sealed record CriterionScore(string Id, int Score, int Levels, int Weight)
{
    /// <summary>2,520 is divided by each of 1 to 10: so shares of all levels add up exactly.</summary>
    private const long Whole = 2_520;

    public int Percent => PercentOf([this]);

    public bool IsWithin => Levels is >= 1 and <= 10 && Score >= 0 && Score <= Levels && Weight is >= 1 and <= 100;

    /// <summary>By weight, in whole percent: half a percent is rounded up, and nothing else is rounded.</summary>
    public static int PercentOf(IReadOnlyList<CriterionScore> criteria)
    {
        var (reached, all) = (criteria.Sum(static c => c.Weight * c.Score * (Whole / c.Levels) * 100), criteria.Sum(static c => c.Weight * Whole));
        return all == 0 ? 0 : (int)(((2 * reached) + all) / (2 * all));
    }
}

/// <summary>Why a play was scored so.</summary>
/// <param name="Turns">On which it rests.</param>
public sealed record CriterionReason(string Id, string Reason, IReadOnlyList<int> Turns);

/// <summary>Why something is not done in a play.</summary>
public static class PlayRejection
{
    public static Rejection NotFound { get; } = new(Codes.NotFound, "There is no such play.");

    public static Rejection Over { get; } = new(Codes.ConversationClosed, "The play is over: nothing more is said in it. It can be scored, once.");

    public static Rejection OneBranch { get; } = new(Codes.Unavailable, "Something else was said in the play at the same moment: say it again behind its reply.", RetryAfterSeconds: 2, Retry: true);

    public static Rejection NoHints { get; } = new(Codes.NotEligible, "The play has no more hints.");

    public static Rejection TooOften { get; } = new Rejection(Codes.NotEligible, "The play was judged as often as one may be, and no score came of it.").AtMost("judgements", ScenarioLimits.Judgements);

    public static Rejection StillJudged { get; } = new(Codes.Unavailable, "As many calls of the judge as a play may have were made or are under way: what those come to is waited for.", RetryAfterSeconds: 5, Retry: true);

    public static Rejection NotInScale { get; } = Invalid("", "A score is within its criterion's levels.");

    private static Rejection Invalid(string path, string message) => new(Codes.ValidationFailed, message, [new(path, "not", message)]);
}

/// <summary>Which plays there are, and what they came to: ids and numbers alone. What was said and why it was scored so stands in the journal.</summary>
public static class PlayTables
{
    public const string Open = "open";
    public const string Ended = "ended";
    public const string Scored = "scored";
    public const string Deleted = "deleted";

    public static readonly Table Plays = new("plays", 3, "tenant", "user_id", "play_id", "agent_id", "scenario_id", "version", "turns", "state", "deleted", "percent", "created_at", "updated_at");

    /// <summary>One row a criterion of a play that counts.</summary>
    public static readonly Table Scores = new("play_scores", 4, "tenant", "user_id", "play_id", "criterion_id", "agent_id", "scenario_id", "version", "percent", "state", "scored_at");

    public static string StateOf(ChatState state, PlayState play) => state.IsDeleted ? Deleted : play.Score is not null ? Scored : state.IsOver ? Ended : Open;

    public static IEnumerable<Row> Rows(ChatState state, PlayState play, ChatEvent happened, DateTimeOffset at) => happened switch
    {
        ChatEvent.PlayBegun or ChatEvent.Asked or ChatEvent.PlayEnded => [Play(state, play, at)],
        ChatEvent.Scored or ChatEvent.Deleted => [Play(state, play, at), .. ScoresOf(state, play, at)],
        _ => [],
    };

    private static Row Play(ChatState state, PlayState play, DateTimeOffset at) => Plays.Row(
        state.Stream.Tenant, Users.OwnedIds.UserOf(state.Stream.Id), Users.OwnedIds.OwnOf(state.Stream.Id), state.AgentId ?? "", play.Terms.ScenarioId, (long?)play.Terms.Version, (long)state.Turns.Count, StateOf(state, play), state.IsDeleted ? 1L : 0L,
        (long?)play.Score?.Percent, state.CreatedAt.ToMicros(), at.ToMicros());

    private static IEnumerable<Row> ScoresOf(ChatState state, PlayState play, DateTimeOffset at) => play is not { Terms: { IsDryRun: false } terms, Score: { } score } ? [] : score.Criteria.Select(criterion => Scores.Row(
        state.Stream.Tenant, Users.OwnedIds.UserOf(state.Stream.Id), Users.OwnedIds.OwnOf(state.Stream.Id), criterion.Id, state.AgentId ?? "", terms.ScenarioId, (long?)terms.Version, (long)criterion.Percent,
        state.IsDeleted ? Deleted : Scored, at.ToMicros()));
}
