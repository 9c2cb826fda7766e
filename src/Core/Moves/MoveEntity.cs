using System.Text.Json;
using Agora.Core.Kernel;

namespace Agora.Core.Moves;

/// <summary>Where a user of an older chat is while it moves in.</summary>
public static class MoveEntity
{
    public const string Kind = Kinds.Move;

    public static readonly UnionCodec<MoveEvent> Events = new UnionCodec<MoveEvent>().Case<MoveEvent.Known>("move.known").Case<MoveEvent.Came>("move.came").Case<MoveEvent.Switched>("move.switched");

    public static readonly UnionCodec<MoveCommand> Commands = new UnionCodec<MoveCommand>()
        .Case<MoveCommand.Know>("move.know")
        .Case<MoveCommand.Come>("move.come")
        .Case<MoveCommand.Switch>("move.switch")
        .Case<MoveCommand.Get>("move.get")
        .Case<MoveCommand.Tick>("move.tick");

    public static Entity<MoveState, MoveCommand, MoveEvent> Entity { get; } = new(Kind)
    {
        Events = Events,
        Commands = Commands,
        Answers = new UnionCodec<object>().Case<MoveView>("answer.move"),
        Snapshots = new(1, static s => JsonSerializer.SerializeToUtf8Bytes(new Saved(s.Stream.ToString(), s.Side, s.SwitchedAt, [.. s.Sessions], [.. s.Whole]), StoredJson.Options), Restore),
        Initial = MoveState.Initial,
        Decide = MoveDecider.Decide,
        Evolve = static (state, happened, at) => state.Evolve(happened, at),
        CheckInvariants = static (state, _) => state.CheckInvariants(),
        Tables = [MoveTables.Moves],
        Rows = static (state, happened, _) => MoveTables.Rows(state, happened),
        Recall = MoveDecider.Recall,
        Tick = new MoveCommand.Tick(),
    };

    private static MoveState Restore(ReadOnlyMemory<byte> saved)
    {
        var s = JsonSerializer.Deserialize<Saved>(saved.Span, StoredJson.Options)!;
        return MoveState.Initial(StreamId.Parse(s.Stream)) with { Side = s.Side, SwitchedAt = s.SwitchedAt, Sessions = MoveState.Set(s.Sessions), Whole = MoveState.Set(s.Whole ?? s.Sessions) };
    }

    private sealed record Saved(string Stream, string Side, DateTimeOffset? SwitchedAt, IReadOnlyList<string> Sessions, IReadOnlyList<string>? Whole = null);
}
