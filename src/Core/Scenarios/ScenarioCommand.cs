using Agora.Core.Kernel;

namespace Agora.Core.Scenarios;

/// <param name="Version">From 1 on: each put that changes something is the next.</param>
/// <param name="Retired">Nobody begins to play it any more.</param>
/// <param name="Dropped">Of the answer to a put: members that lost their values to it.</param>
public sealed record ScenarioView(string ScenarioId, int Version, ScenarioDefinition Definition, bool Retired, DateTimeOffset UpdatedAt, IReadOnlyList<string>? Dropped = null)
{
    public string Etag => EntityTags.Of(new Tagged(Definition, Version));

    private sealed record Tagged(ScenarioDefinition Definition, int Version);
}

/// <summary>Closed union; all are answered with <see cref="ScenarioView"/>: Get and Retire of none: not_found; Put: validation_failed, precondition_failed, not_eligible (too many versions).</summary>
public abstract record ScenarioCommand
{
    private ScenarioCommand()
    {
    }

    public sealed record Put(ScenarioDefinition Definition, Replacing? Replacing = null) : ScenarioCommand;

    public sealed record Retire : ScenarioCommand;

    public sealed record Get : ScenarioCommand;

    public sealed record Tick : ScenarioCommand;
}

/// <summary>Closed union.</summary>
public abstract record ScenarioEvent
{
    private ScenarioEvent()
    {
    }

    public sealed record VersionPut(ScenarioView View) : ScenarioEvent;

    public sealed record Retired(ScenarioView View) : ScenarioEvent;
}

/// <summary>Why a scenario is refused.</summary>
public static class ScenarioRejection
{
    public static Rejection NotFound { get; } = new(Codes.NotFound, "There is no such scenario.");

    public static Rejection NoVersion { get; } = new(Codes.NotFound, "The scenario has no such version.");

    public static Rejection IsRetired { get; } = new(Codes.NotEligible, "The scenario is retired: nobody begins to play it any more.");

    public static Rejection TooManyVersions { get; } = new Rejection(Codes.NotEligible, "The scenario has as many versions as one may have. Put it under another id.").AtMost("versions", ScenarioLimits.Versions);

    public static Rejection NoEnd { get; } = Invalid("/ends/turns", $"A scenario ends: behind 1 to {ScenarioLimits.Turns} turns.");

    public static Rejection NoRubric { get; } = Invalid("/rubric/criteria", $"A rubric has 1 to {ScenarioLimits.Criteria} criteria, each with an id of its own, a weight of 1 to {ScenarioLimits.Weight} and a highest score of {ScenarioLimits.LevelsLeast} to {ScenarioLimits.Levels}.");

    public static Rejection TooManyHints { get; } = Invalid("/hints/most", $"A play has {ScenarioLimits.Hints} hints at most, and one where they are allowed.");

    private static Rejection Invalid(string path, string message) => new(Codes.ValidationFailed, message, [new(path, "range", message)]);
}
