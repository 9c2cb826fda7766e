using System.Text.Json;
using Agora.Core.Kernel;

namespace Agora.Core.Clocks;

/// <summary>Stored names, for ever.</summary>
public static class ClockCodec
{
    public static readonly UnionCodec<ClockEvent> Events = new UnionCodec<ClockEvent>()
        .Case<ClockEvent.Advanced>("clock.advanced")
        .Case<ClockEvent.GenerationBegun>("clock.generation_begun");

    public static readonly UnionCodec<ClockCommand> Commands = new UnionCodec<ClockCommand>()
        .Case<ClockCommand.Get>("clock.get")
        .Case<ClockCommand.Advance>("clock.advance")
        .Case<ClockCommand.Reset>("clock.reset")
        .Case<ClockCommand.Tick>("clock.tick");

    public static byte[] Save(ClockState state) => JsonSerializer.SerializeToUtf8Bytes(new SavedClock(state.Stream.ToString(), state.View, state.Resets), StoredJson.Options);

    public static ClockState Restore(ReadOnlyMemory<byte> saved)
    {
        var clock = JsonSerializer.Deserialize<SavedClock>(saved.Span, StoredJson.Options)!;
        return new(StreamId.Parse(clock.Stream), clock.View, [.. clock.Resets]);
    }

    private sealed record SavedClock(string Stream, ClockView View, IReadOnlyList<DateTimeOffset> Resets);
}
