using System.Diagnostics;
using Agora.Core.Kernel;
using Decided = Agora.Core.Kernel.Decision<Agora.Core.Scenarios.ScenarioState, Agora.Core.Scenarios.ScenarioEvent>;

namespace Agora.Core.Scenarios;

/// <summary>
/// A scenario in its versions.
/// <para>Rules. A definition is absolute, and each that is another than the one before is the next version; the same one again changes nothing, unless the scenario was retired: putting it opens it again. A version is never changed, so a play
/// that was begun with one goes on with it.</para>
/// </summary>
public static class ScenarioDecider
{
    public static Decided Decide(ScenarioState state, ScenarioCommand command, Context context) => command switch
    {
        ScenarioCommand.Put c => Put(state, c, context),
        ScenarioCommand.Retire => Retire(state, context),
        ScenarioCommand.Get => state.View is { } view ? Decided.Query(view) : Decided.Reject(ScenarioRejection.NotFound),
        ScenarioCommand.Tick => Decided.Accept(Nothing.Value),
        _ => throw new UnreachableException(command.GetType().Name),
    };

    public static LateAnswer? Recall(ScenarioEvent happened, Guid commandId) => happened switch
    {
        ScenarioEvent.VersionPut e => new(commandId, Answer.Of(e.View)),
        ScenarioEvent.Retired e => new(commandId, Answer.Of(e.View)),
        _ => throw new UnreachableException(happened.GetType().Name),
    };

    /// <summary>What is wrong with a definition, whoever brings it; null: nothing.</summary>
    public static Rejection? Refusal(ScenarioDefinition definition)
    {
        if (definition.Ends.Turns is < 1 or > ScenarioLimits.Turns) return ScenarioRejection.NoEnd;
        if (definition.Hints is { Most: < 0 or > ScenarioLimits.Hints } or { Allowed: true, Most: 0 }) return ScenarioRejection.TooManyHints;

        var criteria = definition.Criteria;
        var isRubric = criteria.Count is >= 1 and <= ScenarioLimits.Criteria
            && criteria.All(static c => c is { Weight: >= 1 and <= ScenarioLimits.Weight, Levels: >= ScenarioLimits.LevelsLeast and <= ScenarioLimits.Levels })
            && criteria.DistinctBy(static c => c.Id, StringComparer.Ordinal).Count() == criteria.Count;
        return isRubric ? null : ScenarioRejection.NoRubric;
    }

    private static Decided Put(ScenarioState state, ScenarioCommand.Put c, Context context)
    {
        if (c.Replacing?.If?.Refusal(state.View?.Etag) is { } failed) return Decided.Reject(failed);
        if (Refusal(c.Definition) is { } wrong) return Decided.Reject(wrong);
        if (state.View is { Retired: false } same && EntityTags.Of(same.Definition) == EntityTags.Of(c.Definition)) return Decided.Accept(same);
        if (state.View?.Version >= ScenarioLimits.Versions) return Decided.Reject(ScenarioRejection.TooManyVersions);

        var view = new ScenarioView(state.Stream.Id, (state.View?.Version ?? 0) + 1, c.Definition, Retired: false, context.Now, c.Replacing?.Dropped(state.View?.Definition.Given(), c.Definition.Given()));
        return Decided.Accept(view, new ScenarioEvent.VersionPut(view));
    }

    private static Decided Retire(ScenarioState state, Context context)
    {
        if (state.View is not { } view) return Decided.Reject(ScenarioRejection.NotFound);
        if (view.Retired) return Decided.Accept(view);

        var retired = view with { Retired = true, UpdatedAt = context.Now, Dropped = null };
        return Decided.Accept(retired, new ScenarioEvent.Retired(retired));
    }
}
