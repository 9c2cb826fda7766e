using System.Text.Json.Serialization;
using Agora.Core.Scenarios;

namespace Agora.Api.Scenarios;

/// <summary>A scenario as those who play it are shown it: all but what its partner's model alone is told, and which models play.</summary>
/// <param name="ScenarioId">Null: it is a draft.</param>
internal sealed record PlayableData(
    string? ScenarioId, int? Version, string Title, string Language, string Situation, ScenarioLearnerData Learner, PlayablePartnerData Partner, IReadOnlyList<string> Goals, ScenarioRubricData Rubric, ScenarioHintsData Hints, ScenarioEndsData Ends)
{
    public const string Example = """{"scenario_id":"late-report","version":1,"title":"A delay, told in time","language":"en","situation":"The release is tomorrow, and a test fails.","learner":{"role":"You are an engineer who found it an hour ago."},"partner":{"name":"Ms Sato","opening":"You wanted to see me?"},"goals":["Say what is wrong, and since when."],"rubric":{"criteria":[{"id":"facts","title":"Facts first","description":"Says what happened before why.","weight":2,"levels":4}]},"hints":{"allowed":true,"most":3},"ends":{"turns":8,"phrase":"That is all from me."}}""";

    public static readonly IReadOnlyList<string> Untrusted =
    [
        "data.title", "data.situation", "data.learner.role", "data.partner.name", "data.partner.opening", "data.goals[]", "data.rubric.criteria[].title", "data.rubric.criteria[].description", "data.ends.phrase",
    ];

    public static PlayableData Of(string? id, int? version, ScenarioDefinition d) => new(
        id, version, d.Title, d.Language, d.Situation, new(d.Learner), new(d.Partner.Name, d.Partner.Opening), d.Goals, ScenarioRubricData.Of(d), new(d.Hints.Allowed, d.Hints.Most), new(d.Ends.Turns, d.Ends.Phrase));
}

internal sealed record PlayablePartnerData(string Name, string? Opening);

internal sealed record PlayableListedData(string ScenarioId, int Version, string Title, string Language, DateTimeOffset UpdatedAt);

internal sealed record PlayablesData(IReadOnlyList<PlayableListedData> Scenarios, long? TotalCount, string? TotalCountUnknown, int Offset, int Limit)
{
    public const string Example = """{"scenarios":[{"scenario_id":"late-report","version":1,"title":"A delay, told in time","language":"en","updated_at":"2030-01-01T00:00:00.000000Z"}],"total_count":1,"total_count_unknown":null,"offset":0,"limit":50}""";
}

/// <summary>A scenario as its author put it.</summary>
internal sealed record ScenarioData(
    string ScenarioId, int Version, bool Retired, string Title, string Language, string Situation, ScenarioLearnerData Learner, ScenarioPartnerData Partner, IReadOnlyList<string> Goals, ScenarioRubricData Rubric, ScenarioHintsData Hints,
    ScenarioEndsData Ends, ScenarioModelsData Models, DateTimeOffset UpdatedAt)
{
    public const string Body = """{"title":"A delay, told in time","language":"en","situation":"The release is tomorrow, and a test fails.","learner":{"role":"You are an engineer who found it an hour ago."},"partner":{"name":"Ms Sato","persona":"Busy and fair: she wants to know what it means for tomorrow.","opening":"You wanted to see me?"},"goals":["Say what is wrong, and since when."],"rubric":{"criteria":[{"id":"facts","title":"Facts first","description":"Says what happened before why.","weight":2,"levels":4}]},"hints":{"allowed":true,"most":3},"ends":{"turns":8,"phrase":"That is all from me."},"models":{"partner":"router","judge":"strong"}}""";

    public const string Example = """{"scenario_id":"late-report","version":1,"retired":false,"title":"A delay, told in time","language":"en","situation":"The release is tomorrow, and a test fails.","learner":{"role":"You are an engineer who found it an hour ago."},"partner":{"name":"Ms Sato","persona":"Busy and fair: she wants to know what it means for tomorrow.","opening":"You wanted to see me?"},"goals":["Say what is wrong, and since when."],"rubric":{"criteria":[{"id":"facts","title":"Facts first","description":"Says what happened before why.","weight":2,"levels":4}]},"hints":{"allowed":true,"most":3},"ends":{"turns":8,"phrase":"That is all from me."},"models":{"partner":"router","coach":null,"judge":"strong"},"updated_at":"2030-01-01T00:00:00.000000Z"}""";

    /// <summary>Where it was read: all there are, the newest first.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<ScenarioVersionData>? Versions { get; init; }

    /// <summary>Members that lost their values to a put that did not name them; absent where none did.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Dropped { get; init; }

    public static ScenarioData Of(ScenarioView view)
    {
        var d = view.Definition;
        return new(
            view.ScenarioId, view.Version, view.Retired, d.Title, d.Language, d.Situation, new(d.Learner), new(d.Partner.Name, d.Partner.Persona, d.Partner.Opening), d.Goals, ScenarioRubricData.Of(d), new(d.Hints.Allowed, d.Hints.Most),
            new(d.Ends.Turns, d.Ends.Phrase), new(d.Models.Partner, d.Models.Coach, d.Models.Judge), view.UpdatedAt) { Dropped = view.Dropped };
    }
}

internal sealed record ScenarioVersionData(int Version, string Title, DateTimeOffset At);

internal sealed record ScenarioListedData(string ScenarioId, int Version, bool Retired, string Title, string Language, DateTimeOffset UpdatedAt);

internal sealed record ScenariosData(IReadOnlyList<ScenarioListedData> Scenarios, long? TotalCount, string? TotalCountUnknown, int Offset, int Limit)
{
    public const string Example = """{"scenarios":[{"scenario_id":"late-report","version":1,"retired":false,"title":"A delay, told in time","language":"en","updated_at":"2030-01-01T00:00:00.000000Z"}],"total_count":1,"total_count_unknown":null,"offset":0,"limit":50}""";
}

internal sealed record ScenarioLearnerData(string Role);

internal sealed record ScenarioPartnerData(string Name, string Persona, string? Opening);

internal sealed record ScenarioRubricData(IReadOnlyList<ScenarioCriterionData> Criteria)
{
    public static ScenarioRubricData Of(ScenarioDefinition d) => new([.. d.Criteria.Select(static c => new ScenarioCriterionData(c.Id, c.Title, c.Description, c.Weight, c.Levels))]);
}

internal sealed record ScenarioCriterionData(string Id, string Title, string Description, int Weight, int Levels);

/// <param name="Most">0: none is given.</param>
internal sealed record ScenarioHintsData(bool Allowed, int Most);

internal sealed record ScenarioEndsData(int Turns, string? Phrase);

internal sealed record ScenarioModelsData(string Partner, string? Coach, string? Judge);
