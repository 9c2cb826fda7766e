using System.Diagnostics;
using System.Text.Json;
using Agora.Core.Kernel;

namespace Agora.Core.Scenarios;

/// <summary>The newest version; those before stand in the journal alone.</summary>
/// <param name="View">Null: nobody has put it.</param>
public sealed record ScenarioState(StreamId Stream, ScenarioView? View)
{
    public ScenarioState Evolve(ScenarioEvent happened) => happened switch
    {
        ScenarioEvent.VersionPut e => this with { View = e.View with { Dropped = null } },
        ScenarioEvent.Retired e => this with { View = e.View },
        _ => throw new UnreachableException(happened.GetType().Name),
    };

    public void CheckInvariants()
    {
        if (View is not { } view) return;

        Invariant.Check(view.Version is >= 1 and <= ScenarioLimits.Versions, "few_versions");
        Invariant.Check(ScenarioDecider.Refusal(view.Definition) is null, "scenario_ends_and_is_judged");
    }
}

/// <summary>Stored names, for ever.</summary>
public static class ScenarioCodec
{
    public static readonly UnionCodec<ScenarioEvent> Events = new UnionCodec<ScenarioEvent>()
        .Case<ScenarioEvent.VersionPut>("scenario.version_put")
        .Case<ScenarioEvent.Retired>("scenario.retired");

    public static readonly UnionCodec<ScenarioCommand> Commands = new UnionCodec<ScenarioCommand>()
        .Case<ScenarioCommand.Put>("scenario.put")
        .Case<ScenarioCommand.Retire>("scenario.retire")
        .Case<ScenarioCommand.Get>("scenario.get")
        .Case<ScenarioCommand.Tick>("scenario.tick");

    public static byte[] Save(ScenarioState s) => JsonSerializer.SerializeToUtf8Bytes(new Saved(s.Stream.ToString(), s.View), StoredJson.Options);

    public static ScenarioState Restore(ReadOnlyMemory<byte> saved)
    {
        var s = JsonSerializer.Deserialize<Saved>(saved.Span, StoredJson.Options)!;
        return new(StreamId.Parse(s.Stream), s.View);
    }

    private sealed record Saved(string Stream, ScenarioView? View);
}
