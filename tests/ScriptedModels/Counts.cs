namespace Agora.ScriptedModels;

/// <summary>Tokens of one request, each in one bucket only: what the makers count in two places is parted here.</summary>
public sealed record Counts(
    long Input = 0, long CacheRead = 0, long CacheWrite = 0, long CacheWriteLong = 0, long InputAudio = 0, long Output = 0, long Reasoning = 0, long OutputAudio = 0)
{
    public static Counts None { get; } = new();

    public long AllInput => Input + CacheRead + CacheWrite + CacheWriteLong + InputAudio;

    public long AllOutput => Output + Reasoning + OutputAudio;

    public long Total => AllInput + AllOutput;

    public static Counts operator +(Counts one, Counts other) => new(
        one.Input + other.Input, one.CacheRead + other.CacheRead, one.CacheWrite + other.CacheWrite, one.CacheWriteLong + other.CacheWriteLong, one.InputAudio + other.InputAudio,
        one.Output + other.Output, one.Reasoning + other.Reasoning, one.OutputAudio + other.OutputAudio);
}

/// <summary>What the provider would bill for one request that it began to serve. What it refused has none.</summary>
/// <param name="Number">Of the request, as in <see cref="SeenRequest.Number"/>.</param>
/// <param name="ProviderId">The id of its response; empty: this endpoint gives none.</param>
/// <param name="Counts">Of all that was written until it ended, whoever ended it; an event that was cut within counts whole.</param>
/// <param name="IsComplete">It was written to its end.</param>
/// <param name="CouldBeKnown">The usage that the client was told last is right; false: whoever reads every byte still cannot know what is billed.</param>
public sealed record Truth(int Number, Maker Maker, Endpoint Endpoint, string Key, string Model, string ProviderId, Counts Counts, bool IsComplete, bool CouldBeKnown);
