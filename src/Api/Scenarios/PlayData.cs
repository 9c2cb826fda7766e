using Agora.Api.Chats;
using Agora.Application.Chats;
using Agora.Application.Scenarios;
using Agora.Application.Values;
using Agora.Core.Chats;
using Agora.Core.Kernel;
using Agora.Core.Scenarios;

namespace Agora.Api.Scenarios;

/// <summary>A play as it stands; what was said in it stands in its chat.</summary>
/// <param name="ChatId">The same id: what was said is read, followed and stopped there.</param>
/// <param name="Scenario">In the version in which it is played; null: the user's data were erased.</param>
/// <param name="DryRun">It is an author's draft, and counts in no progress.</param>
/// <param name="State">open, ended, scored.</param>
/// <param name="Score">Null: there is none yet.</param>
/// <param name="Judged">Calls of the judge that were paid, those whose answer was of no use among them.</param>
internal sealed record PlayData(
    string PlayId, string ChatId, PlayableData? Scenario, bool DryRun, string State, int Turns, int TurnsLeft, IReadOnlyList<PlayHintData> Hints, int HintsLeft, PlayScoreData? Score, IReadOnlyList<PlayBillData> Judged, DateTimeOffset CreatedAt)
{
    public const string Example = $$"""{"play_id":"0198c0de-0000-7000-8000-000000000001","chat_id":"0198c0de-0000-7000-8000-000000000001","scenario":{{PlayableData.Example}},"dry_run":false,"state":"scored","turns":3,"turns_left":0,"hints":[{{PlayHintData.Example}}],"hints_left":2,"score":{{PlayScoreData.Example}},"judged":[{"run_id":"0198c0de-0000-7000-8000-000000000003","cost_cents":0.9}],"created_at":"2030-01-01T00:00:00.000000Z"}""";

    public const string Begun = $$"""{"play_id":"0198c0de-0000-7000-8000-000000000001","chat_id":"0198c0de-0000-7000-8000-000000000001","scenario":{{PlayableData.Example}},"dry_run":false,"state":"open","turns":0,"turns_left":8,"hints":[],"hints_left":3,"score":null,"judged":[],"created_at":"2030-01-01T00:00:00.000000Z"}""";

    public static readonly IReadOnlyList<string> Untrusted =
    [
        "data.scenario.title", "data.scenario.situation", "data.scenario.learner.role", "data.scenario.partner.name", "data.scenario.partner.opening", "data.scenario.goals[]", "data.scenario.rubric.criteria[].title",
        "data.scenario.rubric.criteria[].description", "data.scenario.ends.phrase", "data.hints[].text", "data.score.criteria[].title", "data.score.criteria[].reason",
    ];

    public static PlayData Of(PlayNow now)
    {
        var (book, play, hints, judged) = now;
        var (id, state) = (book.ChatId.ToString("D"), play.Score is not null ? PlayTables.Scored : book.IsOver ? PlayTables.Ended : PlayTables.Open);
        return new(
            id, id, play.Definition is { } played ? PlayableData.Of(play.Terms.ScenarioId, play.Terms.Version, played) : null, play.Terms.IsDryRun, state, book.Turns.Count, book.IsOver ? 0 : play.Terms.Turns - book.Turns.Count,
            [.. hints.Select(PlayHintData.Of)], book.IsOver ? 0 : play.Terms.Hints - hints.Count, play.Score is { } score ? PlayScoreData.Of(score, play.Definition) : null,
            [.. judged.Select(static bill => new PlayBillData(bill.RunId.ToString("D"), ChatReplyData.Cost(bill.CostMicros)))], book.CreatedAt);
    }
}

/// <param name="HintId">Follows from the Idempotency-Key.</param>
/// <param name="After">The last turn that was said by then.</param>
/// <param name="Text">Null: it is asked for, or the user's data were erased.</param>
/// <param name="RunId">Null: it is asked for.</param>
internal sealed record PlayHintData(string HintId, int After, string? Text, string? RunId, Cents? CostCents, DateTimeOffset At)
{
    public const string Example = """{"hint_id":"0198c0de-0000-7000-8000-000000000004","after":1,"text":"Say first since when: \"It fails since nine.\"","run_id":"0198c0de-0000-7000-8000-000000000005","cost_cents":0.1,"at":"2030-01-01T00:00:30.000000Z"}""";

    public static PlayHintData Of(HintNow now) => new(now.Hint.Id.ToString("D"), now.Hint.After, now.Hint.Text, now.Hint.RunId?.ToString("D"), ChatReplyData.Cost(now.CostMicros), now.Hint.At);
}

internal sealed record PlayBillData(string RunId, Cents? CostCents);

/// <param name="Percent">Of all criteria, by their weights.</param>
/// <param name="Strengths">Ids of criteria, the best first.</param>
/// <param name="Weaknesses">Ids of criteria, the worst first.</param>
internal sealed record PlayScoreData(int Percent, IReadOnlyList<PlayCriterionData> Criteria, IReadOnlyList<string> Strengths, IReadOnlyList<string> Weaknesses, DateTimeOffset At)
{
    public const string Example = """{"percent":75,"criteria":[{"id":"facts","title":"Facts first","score":3,"levels":4,"weight":2,"percent":75,"reason":"You named the failing test at once.","turns":[1]}],"strengths":["facts"],"weaknesses":[],"at":"2030-01-01T00:05:00.000000Z"}""";

    public static PlayScoreData Of(SaidScore score, ScenarioDefinition? played)
    {
        var (strengths, weaknesses) = Standings.Of(score.Criteria.Select(static c => (c.Id, c.Percent)));
        return new(score.Percent, [.. score.Criteria.Select(c => Of(c, score, played))], strengths, weaknesses, score.At);
    }

    private static PlayCriterionData Of(CriterionScore c, SaidScore score, ScenarioDefinition? played)
    {
        var reason = score.Reasons?.FirstOrDefault(one => one.Id == c.Id);
        return new(c.Id, played?.Criteria.FirstOrDefault(one => one.Id == c.Id)?.Title, c.Score, c.Levels, c.Weight, c.Percent, reason?.Reason, reason?.Turns ?? []);
    }
}

/// <param name="Title">Null: the user's data were erased.</param>
/// <param name="Reason">Null: the user's data were erased.</param>
/// <param name="Turns">On which the reason rests.</param>
internal sealed record PlayCriterionData(string Id, string? Title, int Score, int Levels, int Weight, int Percent, string? Reason, IReadOnlyList<int> Turns);

/// <summary>A play of a list.</summary>
/// <param name="Title">Null: the user's data were erased.</param>
/// <param name="Percent">Null: it was not scored yet.</param>
internal sealed record PlayListedData(string PlayId, string? ScenarioId, int? Version, string? Title, bool DryRun, string State, int Turns, int? Percent, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt)
{
    public static PlayListedData Of(PlayLine play) => new(play.PlayId.ToString("D"), play.ScenarioId, play.Version, play.Title, play.ScenarioId is null, play.State, play.Turns, play.Percent, play.CreatedAt, play.UpdatedAt);
}

internal sealed record PlaysData(IReadOnlyList<PlayListedData> Plays, long? TotalCount, string? TotalCountUnknown, int Offset, int Limit)
{
    public const string Example = """{"plays":[{"play_id":"0198c0de-0000-7000-8000-000000000001","scenario_id":"late-report","version":1,"title":"A delay, told in time","dry_run":false,"state":"scored","turns":3,"percent":75,"created_at":"2030-01-01T00:00:00.000000Z","updated_at":"2030-01-01T00:05:00.000000Z"}],"total_count":1,"total_count_unknown":null,"offset":0,"limit":50}""";
}

/// <summary>What was reached of each criterion over time, a line of a chart each.</summary>
/// <param name="Strengths">Ids of criteria by their last means, the best first.</param>
/// <param name="Weaknesses">Ids of criteria by their last means, the worst first.</param>
internal sealed record PlayProgressData(IReadOnlyList<PlayLineData> Lines, IReadOnlyList<string> Strengths, IReadOnlyList<string> Weaknesses)
{
    public const string Example = """{"lines":[{"criterion_id":"facts","title":"Facts first","plays":2,"points":[{"at":"2030-01-01T00:05:00.000000Z","play_id":"0198c0de-0000-7000-8000-000000000001","scenario_id":"late-report","version":1,"percent":50},{"at":"2030-01-02T00:05:00.000000Z","play_id":"0198c0de-0000-7000-8000-000000000006","scenario_id":"late-report","version":1,"percent":100}],"first_percent":75,"last_percent":75}],"strengths":["facts"],"weaknesses":[]}""";

    public static PlayProgressData Of(PlayProgress progress)
    {
        var (strengths, weaknesses) = Standings.Of(progress.Lines.Select(static line => (line.CriterionId, line.LastPercent)));
        return new([.. progress.Lines.Select(PlayLineData.Of)], strengths, weaknesses);
    }
}

/// <param name="Title">In the version that was played last; null: it is not there.</param>
/// <param name="Plays">So many are looked at, the newest.</param>
/// <param name="Points">The newest of them, in the order of time.</param>
/// <param name="FirstPercent">The mean of the first five.</param>
/// <param name="LastPercent">The mean of the last five.</param>
internal sealed record PlayLineData(string CriterionId, string? Title, int Plays, IReadOnlyList<PlayPointData> Points, int FirstPercent, int LastPercent)
{
    public static PlayLineData Of(ProgressLine line) => new(line.CriterionId, line.Title, line.Points.Count, [.. line.Points.TakeLast(Limits.ActivityPoints).Select(PlayPointData.Of)], line.FirstPercent, line.LastPercent);
}

internal sealed record PlayPointData(DateTimeOffset At, string PlayId, string ScenarioId, int Version, int Percent)
{
    public static PlayPointData Of(ProgressPoint point) => new(point.At, point.PlayId.ToString("D"), point.ScenarioId, point.Version, point.Percent);
}
