using Agora.Core.Kernel;

namespace Agora.Core.Scenarios;

/// <summary>A situation that people practise with a model, and are scored in.</summary>
public static class ScenarioEntity
{
    public const string Kind = Kinds.Scenario;

    public static Entity<ScenarioState, ScenarioCommand, ScenarioEvent> Entity { get; } = new(Kind)
    {
        Events = ScenarioCodec.Events,
        Commands = ScenarioCodec.Commands,
        Answers = new UnionCodec<object>().Case<ScenarioView>("answer.scenario"),
        Snapshots = new(1, ScenarioCodec.Save, ScenarioCodec.Restore),
        Initial = static stream => new ScenarioState(stream, null),
        Decide = ScenarioDecider.Decide,
        Evolve = static (state, happened, _) => state.Evolve(happened),
        CheckInvariants = static (state, _) => state.CheckInvariants(),
        Tables = [ScenarioTables.Scenarios],
        Rows = static (state, _, _) => ScenarioTables.Rows(state),
        Recall = ScenarioDecider.Recall,
        Tick = new ScenarioCommand.Tick(),
    };
}

/// <summary>Which scenarios there are, as of their newest version.</summary>
public static class ScenarioTables
{
    public static readonly Table Scenarios = new("scenarios", 2, "tenant", "scenario_id", "title", "language", "version", "retired", "updated_at");

    public static IEnumerable<Row> Rows(ScenarioState state) => state.View is not { } view ? [] :
    [
        Scenarios.Row(state.Stream.Tenant, view.ScenarioId, view.Definition.Title, view.Definition.Language, (long)view.Version, view.Retired ? 1L : 0L, view.UpdatedAt.ToMicros()),
    ];
}
